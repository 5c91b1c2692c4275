// ---- what a call meets: phones, what their users have set, schedules that somebody has forced ------------------------
const world = { states: {}, settings: {}, overrides: {} };
const WAYS = ["forward_always", "forward_busy", "forward_no_answer", "forward_unavailable"];
const STATES = ["answer", "busy", "no_answer", "unavailable", "dnd"];

// As the options of pbx trace.
function worldAsked() {
  const told = [];
  for (const [phone, state] of Object.entries(world.states)) if (state !== "answer") told.push(["state", `${phone}=${state}`]);
  for (const [key, value] of Object.entries(world.settings)) {
    const [phone, name] = key.split(" ");
    told.push(name === "do_not_disturb" ? ["state", `${phone}=dnd`] : ["set", `${name}:${phone}=${value}`]);
  }
  for (const [schedule, how] of Object.entries(world.overrides)) told.push(["override", `${schedule}=${how}`]);
  return told;
}
function recallWorld(told) {
  const isPhone = (number) => Object.hasOwn(data.table.classes, number);
  for (const each of told.getAll("state")) {
    const [phone, state] = each.split("=");
    if (STATES.includes(state) && isPhone(phone)) setState(phone, state);
  }
  for (const each of told.getAll("set")) {
    const [, name, phone, value] = /^(\w+):(\d+)=(.*)$/.exec(each) || [];
    if (WAYS.includes(name) && isPhone(phone) && targets().some(([keys]) => keys === value)) {
      world.settings[`${phone} ${name}`] = value;
    }
  }
  for (const each of told.getAll("override")) {
    const [schedule, how] = each.split("=");
    if (overridden.includes(schedule) && ["open", "closed"].includes(how)) world.overrides[schedule] = how;
  }
  find("more").open = Boolean(find("caller").value || told.has("set") || told.has("override"));
  drawOverrides();
  drawForwards();
}
function changed() {
  foretell();
  follow();
}

function choice(options, value, act) {
  const select = made("select");
  for (const [key, label] of options) {
    const option = made("option", "", label);
    option.value = key;
    option.selected = key === value;
    select.append(option);
  }
  select.addEventListener("change", () => act(select.value));
  return select;
}
const person = (phone) => data.names["extension:" + phone] || phone;

// The phones that this call may ring, and those of which something was chosen before.
const stateOfPhone = (phone) => (world.settings[`${phone} do_not_disturb`] ? "dnd" : world.states[phone] || "answer");
function setState(phone, state) {
  delete world.states[phone];
  delete world.settings[`${phone} do_not_disturb`];
  if (state === "dnd") world.settings[`${phone} do_not_disturb`] = "on";
  else if (state !== "answer") world.states[phone] = state;
}
function phones(journey) {
  const asked = journey.steps.flatMap((step) => (data.table.places[step.node] || {}).phones || []);
  const set = Object.keys(data.table.classes).filter((each) => stateOfPhone(each) !== "answer");
  const list = [...new Set([...asked, ...set])];
  const group = find("phones");
  const now = [...group.querySelectorAll("select")].map((each) => each.dataset.phone).join(" ");
  if (now === list.join(" ")) return;
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.phone : null;
  group.replaceChildren(group.querySelector("legend"));
  for (const phone of list) {
    const label = made("label", "", person(phone));
    const select = choice(STATES.map((each) => [each, words.states[each]]), stateOfPhone(phone), (state) => {
      setState(phone, state);
      changed();
    });
    select.dataset.phone = phone;
    label.append(select);
    group.append(label);
    if (phone === focused) select.focus();
  }
  group.hidden = !list.length;
}

// Schedules in the drawing that can be forced.
const overridden = Object.entries(data.table.places).filter(([, place]) => place.forced)
  .map(([ref]) => ref.slice("schedule:".length));
function drawOverrides() {
  const group = find("overrides");
  group.replaceChildren(group.querySelector("legend"), ...overridden.map((schedule) => {
    const label = made("label", "", schedule);
    const options = [["", words.automatic], ["open", words.forced_open], ["closed", words.forced_closed]];
    const select = choice(options, world.overrides[schedule] || "", (how) => {
      if (how) world.overrides[schedule] = how;
      else delete world.overrides[schedule];
      changed();
    });
    select.dataset.schedule = schedule;
    label.append(select);
    return label;
  }));
  group.hidden = !overridden.length;
}

// Forwards that users have set: a line each, and a button for another one.
const targets = () => [["off", words.switched_off], ["voicemail", words.to_voicemail],
  ...data.table.forwards.map(({ keys, name }) => [keys, name])];
function drawForwards() {
  const people = Object.keys(data.table.classes).map((phone) => [phone, person(phone)]);
  const ways = WAYS.map((way) => [way, words.ways[way]]);
  const lines = Object.entries(world.settings).filter(([key]) => WAYS.includes(key.split(" ")[1])).map(([key, value]) => {
    const [phone, way] = key.split(" ");
    const line = made("div", "forward");
    const move = (to) => {
      if (to !== key && Object.hasOwn(world.settings, to)) return drawForwards();
      delete world.settings[key];
      world.settings[to] = value;
      drawForwards();
      return changed();
    };
    const remove = made("button", "remove", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", words.remove);
    remove.addEventListener("click", () => {
      delete world.settings[key];
      drawForwards();
      changed();
    });
    const selects = [
      choice(people, phone, (other) => move(`${other} ${way}`)),
      choice(ways, way, (other) => move(`${phone} ${other}`)),
      choice(targets(), value, (other) => {
        world.settings[key] = other;
        drawForwards();
        changed();
      }),
    ];
    selects.forEach((each, index) => each.setAttribute("aria-label", words.forward_parts[index]));
    line.append(...selects, remove);
    return line;
  });
  find("forwards").replaceChildren(...lines);
  find("add-forward").hidden = !people.length;
}
find("add-forward").addEventListener("click", () => {
  const free = Object.keys(data.table.classes).flatMap((phone) => WAYS.map((way) => `${phone} ${way}`))
    .find((key) => !Object.hasOwn(world.settings, key));
  if (!free) return;
  const first = data.table.forwards.find(({ keys }) => keys !== free.split(" ")[0]);
  world.settings[free] = first ? first.keys : "voicemail";
  drawForwards();
  changed();
  find("forwards").lastElementChild.querySelector("select").focus();
});
for (const [number, name] of Object.entries(data.table.contacts)) {
  const option = made("option", "", name);
  option.value = number;
  find("contacts").append(option);
}

