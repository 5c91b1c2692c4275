// ---- what a call meets: phones, trunks, full places, what users have set, schedules that somebody has forced ---------
const world = { states: {}, settings: {}, overrides: {}, trunks: {}, full: [] };
const WAYS = ["forward_always", "forward_busy", "forward_no_answer", "forward_unavailable"];
const STATES = ["answer", "busy", "no_answer", "unavailable", "dnd"];
const SWITCHED = { dnd: "do_not_disturb", pause: "queue_pause" };
// Queues and conferences with a limit, and queues with agents, who may all be away.
const crowded = Object.entries(data.table.places).filter(([, place]) => place.full || isQueue(place)).map(([ref]) => ref);
const agents = new Set(Object.values(data.table.places).filter(isQueue).flatMap((place) => place.phones));
function isQueue(place) {
  return Boolean(place.otherwise && place.otherwise.paused);
}

// As the options of pbx trace.
function worldAsked() {
  const told = [];
  for (const [phone, state] of Object.entries(world.states)) if (state !== "answer") told.push(["state", `${phone}=${state}`]);
  for (const [key, value] of Object.entries(world.settings)) {
    const [phone, name] = key.split(" ");
    told.push(name === "do_not_disturb" ? ["state", `${phone}=dnd`] : ["set", `${name}:${phone}=${value}`]);
  }
  for (const [trunk, state] of Object.entries(world.trunks)) told.push(["state", `trunk:${trunk}=${state}`]);
  for (const place of world.full) told.push(["state", `${place}=full`]);
  for (const [schedule, how] of Object.entries(world.overrides)) told.push(["override", `${schedule}=${how}`]);
  return told;
}
function recallWorld(told) {
  const isPhone = (number) => Object.hasOwn(data.table.classes, number);
  for (const each of told.getAll("state")) {
    const [name, state] = each.split("=");
    const trunk = name.startsWith("trunk:") && name.slice("trunk:".length);
    if (trunk && Object.hasOwn(data.table.trunks, trunk) && data.table.trunks[trunk].includes(state)) {
      world.trunks[trunk] = state;
    } else if (state === "full" && crowded.includes(name) && data.table.places[name].full) {
      world.full.push(name);
    } else if (STATES.includes(state) && isPhone(name)) setState(name, state);
  }
  for (const each of told.getAll("set")) {
    const [, name, phone, value] = /^(\w+):(\d+)=(.*)$/.exec(each) || [];
    if (name === "queue_pause" && value === "on" && agents.has(phone)) setState(phone, "pause");
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
function stateOfPhone(phone) {
  const switched = Object.keys(SWITCHED).find((each) => world.settings[`${phone} ${SWITCHED[each]}`]);
  return switched || world.states[phone] || "answer";
}
function setState(phone, state) {
  delete world.states[phone];
  for (const name of Object.values(SWITCHED)) delete world.settings[`${phone} ${name}`];
  if (SWITCHED[state]) world.settings[`${phone} ${SWITCHED[state]}`] = "on";
  else if (state !== "answer") world.states[phone] = state;
}
function phones(journey) {
  const asked = journey.steps.flatMap((step) => (data.table.places[step.node] || {}).phones || []);
  const set = Object.keys(data.table.classes).filter((each) => stateOfPhone(each) !== "answer");
  const list = [...new Set([...asked, ...set])];
  const group = find("phones");
  const now = [...group.querySelectorAll("select")].map((each) => each.dataset.phone).join(" ");
  for (const select of group.querySelectorAll("select")) select.value = stateOfPhone(select.dataset.phone);
  if (now === list.join(" ")) return;
  const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.phone : null;
  group.replaceChildren(group.querySelector("legend"));
  for (const phone of list) {
    const label = made("label", "", person(phone));
    const states = agents.has(phone) ? [...STATES, "pause"] : STATES;
    const select = choice(states.map((each) => [each, words.states[each]]), stateOfPhone(phone), (state) => {
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

// A line for each of some things, of which those are shown that the call meets or of which something was chosen.
function lines(group, names, label, options, value, act) {
  if (group.children.length === 1) {
    group.append(...names.map((name) => {
      const line = made("label", "", label(name));
      const select = choice(options(name), value(name), (chosen) => {
        act(name, chosen);
        changed();
      });
      select.dataset.name = name;
      line.append(select);
      return line;
    }));
  }
}
function showLines(group, value, usual, met) {
  const selects = [...group.querySelectorAll("select")];
  for (const select of selects) {
    select.value = value(select.dataset.name);
    select.parentElement.hidden = select.value === usual && !met.has(select.dataset.name);
  }
  group.hidden = selects.every((each) => each.parentElement.hidden);
}

const stateOfTrunk = (ref) => world.trunks[ref.slice("trunk:".length)] || "answer";
function trunks(met) {
  const names = Object.keys(data.table.trunks).map((each) => "trunk:" + each);
  const options = (ref) => data.table.trunks[ref.slice("trunk:".length)].map((each) => [each, words.at_trunk[each]]);
  lines(find("trunks"), names, (ref) => data.names[ref] || ref, options, stateOfTrunk, (ref, state) => {
    delete world.trunks[ref.slice("trunk:".length)];
    if (state !== "answer") world.trunks[ref.slice("trunk:".length)] = state;
  });
  showLines(find("trunks"), stateOfTrunk, "answer", met);
}

// Queues and conferences: full, or a queue of which every agent has asked for a pause.
function stateOfPlace(ref) {
  if (world.full.includes(ref)) return "full";
  const { phones: asked, otherwise } = data.table.places[ref];
  return otherwise && asked.every((phone) => stateOfPhone(phone) === "pause") ? "nobody" : "";
}
function setPlace(ref, state) {
  const place = data.table.places[ref];
  const before = stateOfPlace(ref);
  world.full = world.full.filter((each) => each !== ref);
  if (state === "full") world.full.push(ref);
  if (state === "nobody") place.phones.forEach((phone) => setState(phone, "pause"));
  else if (before === "nobody") place.phones.forEach((phone) => setState(phone, "answer"));
}
function places(met) {
  const options = (ref) => [["", words.usual], ...(data.table.places[ref].full ? [["full", words.place_full]] : []),
    ...(isQueue(data.table.places[ref]) ? [["nobody", words.place_nobody]] : [])];
  lines(find("places"), crowded, (ref) => data.names[ref] || ref, options, stateOfPlace, setPlace);
  showLines(find("places"), stateOfPlace, "", met);
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

