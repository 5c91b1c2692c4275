const data = JSON.parse(document.getElementById("data").textContent);
const words = data.words;
const find = (id) => document.getElementById(id);
const stage = find("stage");
const flow = stage.querySelector("svg");
const everything = flow.querySelector(".everything");
const boxes = new Map([...flow.querySelectorAll(".box")].map((each) => [each.dataset.box, each]));
const ways = new Map([...flow.querySelectorAll(".way")].map((each) => [each.id, each]));

function made(tag, name, text) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  if (text !== undefined) element.textContent = text;
  return element;
}

// ---- the view: pan and zoom -------------------------------------------------------------------------------------
const size = { width: Number(flow.getAttribute("width")), height: Number(flow.getAttribute("height")) };
const view = { x: 0, y: 0, scale: 1 };
const LIMITS = [Math.min(0.08, 300 / Math.max(size.width, size.height)), 4];
for (const each of ["width", "height", "viewBox"]) flow.removeAttribute(each);

function place() {
  const round = (number) => Math.round(number * 1000) / 1000;
  everything.setAttribute("transform", `translate(${round(view.x)} ${round(view.y)}) scale(${round(view.scale)})`);
}
function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const scale = Math.min(LIMITS[1], Math.max(LIMITS[0], view.scale * factor));
  view.x = x - ((x - view.x) * scale) / view.scale;
  view.y = y - ((y - view.y) * scale) / view.scale;
  view.scale = scale;
  place();
}
function fit() {
  const scale = Math.min(stage.clientWidth / size.width, stage.clientHeight / size.height, 1.2);
  view.scale = Math.max(scale, LIMITS[0]);
  view.x = (stage.clientWidth - size.width * view.scale) / 2;
  view.y = (stage.clientHeight - size.height * view.scale) / 2;
  place();
}
// Where the whole would be too small to read, the call is shown; where even that is too much, its beginning.
const READABLE = 0.6;
// A call that changes is shown as a whole while one still sees where it goes, else where it ends.
const VISIBLE = 0.4;
function begin() {
  fit();
  if (view.scale < READABLE) follow(true);
}
function follow(always = false) {
  const lit = [...boxes.values()].filter((each) => each.classList.contains("lit"));
  if (!lit.length || (!always && lit.every(isSeen))) return;
  const frames = lit.map((each) => each.querySelector(".frame").getBBox());
  const left = Math.min(...frames.map((each) => each.x)) - 24;
  const upper = Math.min(...frames.map((each) => each.y)) - 24;
  const width = Math.max(...frames.map((each) => each.x + each.width)) + 24 - left;
  const height = Math.max(...frames.map((each) => each.y + each.height)) + 24 - upper;
  const scale = Math.min(stage.clientWidth / width, stage.clientHeight / height, 1);
  if (scale < READABLE && always) {
    view.scale = 0.85;
    show(lit[0], true);
    return;
  }
  if (scale < VISIBLE) {
    view.scale = READABLE;
    show(lit.find((each) => each.classList.contains("last")) || lit[0]);
    return;
  }
  view.scale = Math.max(scale, LIMITS[0]);
  view.x = (stage.clientWidth - width * view.scale) / 2 - left * view.scale;
  view.y = (stage.clientHeight - height * view.scale) / 2 - upper * view.scale;
  place();
}
function show(box, toTheLeft = false) {
  if (!box) return;
  const frame = box.querySelector(".frame").getBBox();
  const middle = { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
  if (view.scale < 0.5) view.scale = 0.8;
  view.x = toTheLeft ? 24 - frame.x * view.scale : stage.clientWidth / 2 - middle.x * view.scale;
  view.y = stage.clientHeight / 2 - middle.y * view.scale;
  place();
}
function isSeen(box) {
  const inner = stage.getBoundingClientRect();
  const outer = box.getBoundingClientRect();
  return outer.left >= inner.left && outer.right <= inner.right && outer.top >= inner.top && outer.bottom <= inner.bottom;
}

const fingers = new Map();
let moved = 0;
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const inner = stage.getBoundingClientRect();
  zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.clientX - inner.left, event.clientY - inner.top);
}, { passive: false });
stage.addEventListener("pointerdown", (event) => {
  if (event.target.closest(".tools")) return;
  if (!fingers.size) moved = 0;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
});
addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const now = { x: event.clientX, y: event.clientY };
  const others = [...fingers].filter(([id]) => id !== event.pointerId).map(([, each]) => each);
  if (others.length) {
    const inner = stage.getBoundingClientRect();
    const apart = (one) => Math.hypot(one.x - others[0].x, one.y - others[0].y) || 1;
    zoom(apart(now) / apart(before), (now.x + others[0].x) / 2 - inner.left, (now.y + others[0].y) / 2 - inner.top);
    moved += 9;
  } else {
    view.x += now.x - before.x;
    view.y += now.y - before.y;
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    place();
  }
  fingers.set(event.pointerId, now);
});
for (const each of ["pointerup", "pointercancel"]) addEventListener(each, (event) => fingers.delete(event.pointerId));
find("closer").addEventListener("click", () => zoom(1.3));
find("farther").addEventListener("click", () => zoom(1 / 1.3));
find("whole").addEventListener("click", fit);

// ---- boxes: choosing one, moving between them by the arrows -----------------------------------------------------
let current = null;
for (const [id, box] of boxes) {
  if (!data.boxes[id]) continue;
  box.setAttribute("role", "button");
  box.setAttribute("tabindex", "-1");
  box.setAttribute("aria-label", `${data.boxes[id].caption}: ${data.boxes[id].title}`);
  box.addEventListener("click", () => { if (moved < 6) choose(id); });
}
const reachable = [...boxes.keys()].filter((id) => data.boxes[id]);
function tabTo(id) {
  for (const each of reachable) boxes.get(each).setAttribute("tabindex", each === id ? "0" : "-1");
}
if (reachable.length) tabTo(reachable[0]);

function choose(id, { focus = false } = {}) {
  current = id;
  for (const [each, box] of boxes) box.classList.toggle("chosen", each === id);
  tabTo(id);
  const box = boxes.get(id);
  detail(id);
  tab("detail");
  if (!isSeen(box)) show(box);
  if (focus) box.focus({ preventScroll: true });
}
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
function beside(box, [right, down]) {
  const at = (each) => {
    const frame = each.querySelector(".frame").getBBox();
    return { x: frame.x + frame.width / 2, y: frame.y + frame.height / 2 };
  };
  const from = at(box);
  let best = null;
  for (const id of reachable) {
    const to = at(boxes.get(id));
    const along = (to.x - from.x) * right + (to.y - from.y) * down;
    const aside = Math.abs((to.x - from.x) * down) + Math.abs((to.y - from.y) * right);
    if (along > 1 && aside < along * 2.5 && (!best || along + 2 * aside < best.cost)) best = { id, cost: along + 2 * aside };
  }
  return best && best.id;
}
stage.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const box = event.target.closest(".box");
  const arrow = ARROWS[event.key];
  if (arrow && box) {
    const next = beside(box, arrow);
    if (next) {
      tabTo(next);
      boxes.get(next).focus({ preventScroll: true });
      if (!isSeen(boxes.get(next))) show(boxes.get(next));
    }
  } else if (arrow) {
    view.x -= arrow[0] * 80;
    view.y -= arrow[1] * 80;
    place();
  } else if (box && (event.key === "Enter" || event.key === " ")) choose(box.dataset.box);
  else if (event.key === "+" || event.key === "=") zoom(1.3);
  else if (event.key === "-") zoom(1 / 1.3);
  else if (event.key === "0") fit();
  else return;
  event.preventDefault();
});
addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    find("search").focus();
  } else if (event.key === "Escape") {
    find("search").value = "";
    search();
    if (typing && typing.id === "search") stage.focus();
  }
});

// ---- the panel: what a place is -----------------------------------------------------------------------------------
function tab(name) {
  for (const each of ["call", "detail"]) {
    find(each).hidden = each !== name;
    find("tab-" + each).setAttribute("aria-selected", String(each === name));
  }
  unfold(true);
}
function unfold(open) {
  find("panel").dataset.open = String(open);
  find("fold").setAttribute("aria-expanded", String(open));
}
find("tab-call").addEventListener("click", () => {
  tab("call");
  follow();
});
find("tab-detail").addEventListener("click", () => tab("detail"));
find("fold").addEventListener("click", () => {
  unfold(find("panel").dataset.open !== "true");
  follow();
});

function detail(id) {
  const box = data.boxes[id];
  const parts = box.places.map((each) => told(each, box.places.length > 1));
  if (box.places.length > 1) parts.unshift(made("p", "quiet", box.caption), made("h2", "", box.title));
  find("detail").replaceChildren(...parts);
  find("detail").scrollTop = 0;
}
function told(spot, folded) {
  const part = made(folded ? "details" : "div");
  if (folded) part.append(made("summary", "", `${spot.title}`));
  else part.append(made("p", "quiet", spot.kind), made("h2", "", spot.title));
  const list = made("dl");
  for (const [name, value] of spot.facts) list.append(made("dt", "", name), made("dd", "", value));
  const where = made("dd");
  where.append(made("code", "source", `${spot.file}:${spot.line}`));
  const spelled = made("dd");
  spelled.append(made("code", "", spot.ref));
  list.append(made("dt", "", words.place), where, made("dt", "", words.spelled), spelled);
  part.append(list);
  if (spot.exits.length) {
    const exits = made("ul");
    for (const each of spot.exits) {
      const line = made("li");
      const button = made("button");
      button.type = "button";
      button.append(made("span", "way", each.label), made("span", "", each.to));
      if (each.box) button.addEventListener("click", () => choose(each.box, { focus: true }));
      line.append(button);
      exits.append(line);
    }
    part.append(made("h3", "", words.exits), exits);
  }
  return part;
}

// ---- search -------------------------------------------------------------------------------------------------------
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const index = [];
for (const id of reachable) {
  for (const spot of data.boxes[id].places) {
    const all = [spot.title, spot.kind, spot.ref, ...spot.facts.map(([, value]) => value)].join(" ");
    index.push({ id, spot, name: plain(spot.title), all: plain(all) });
  }
}
function search() {
  const wanted = plain(find("search").value.trim());
  const hits = wanted ? index.filter((each) => each.all.includes(wanted)) : [];
  hits.sort((one, other) => other.name.includes(wanted) - one.name.includes(wanted));
  flow.classList.toggle("searching", Boolean(wanted));
  const shown = new Set(hits.map((each) => each.id));
  for (const [id, box] of boxes) box.classList.toggle("hit", shown.has(id));
  const list = hits.slice(0, 12).map((each) => {
    const line = made("li");
    const button = made("button");
    button.type = "button";
    button.append(made("span", "", each.spot.title), made("span", "quiet", each.spot.kind));
    button.addEventListener("click", () => {
      find("search").value = "";
      search();
      show(boxes.get(each.id));
      choose(each.id, { focus: true });
    });
    line.append(button);
    return line;
  });
  if (wanted && !hits.length) {
    const line = made("li");
    line.append(made("p", "quiet", words.nothing));
    list.push(line);
  }
  find("found").replaceChildren(...list);
  find("found").hidden = !wanted;
}
find("search").addEventListener("input", search);
find("search").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const first = find("found").querySelector("button");
  if (first) first.click();
});

// Phones of one moment together: "Ana (201) and Luis (202) for up to 20 s; Eva (203) for up to 20 s after 22 s".
function rung(rings) {
  const moments = new Map();
  for (const { extension, seconds, after } of rings) {
    const key = `${after} ${seconds}`;
    if (!moments.has(key)) moments.set(key, { seconds, after, people: [] });
    moments.get(key).people.push(data.names["extension:" + extension] || extension);
  }
  const told = [...moments.values()].map(({ seconds, after, people }) =>
    (after ? words.rings_after : words.rings_for).replace("{who}", () => people.join(", ")).replace("{for}", seconds).replace("{after}", after));
  return words.rings.replace("{}", () => told.join("; "));
}

// ---- a call -------------------------------------------------------------------------------------------------------
for (const each of data.numbers) {
  const option = made("option", "", each.name ? `${each.name} · ${each.number}` : each.number);
  option.value = each.number;
  find("number").append(option);
}
const KEYPAD = [...["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "*", "#"].map((key) => [key, key, ""]),
  ["timeout", words.no_key, "word"], ["invalid", words.wrong_key, "word"], ["", words.erase, "back"]];
for (const [press, label, name] of KEYPAD) {
  const button = made("button", name, label);
  button.type = "button";
  button.dataset.press = press;
  button.addEventListener("click", () => {
    const keys = pressed();
    find("keys").value = (press ? [...keys, press] : keys.slice(0, -1)).join(" ");
    foretell();
    follow();
  });
  find("keypad").append(button);
}
const known = /^(?:[0-9]+|[*#]|timeout|invalid)$/;
const pressed = () => find("keys").value.split(/[\s,]+/).filter(Boolean);

// The journey that is shown.
let last = null;
function foretell() {
  const keys = pressed();
  const at = `${find("date").value}T${find("time").value.slice(0, 5)}`;
  const wrong = keys.filter((each) => !known.test(each));
  if (!find("date").value || !find("time").value || !find("number").value || wrong.length) {
    light({ steps: [] });
    note(wrong.length ? words.not_a_key.replace("{}", wrong[0]) : words.no_time);
    return;
  }
  const caller = find("caller").value.replace(/[\s().-]/g, "");
  const call = { number: find("number").value, at, presses: keys, caller, ...world };
  const journey = walk(data.table, call);
  last = journey;
  light(journey);
  const year = Number(at.slice(0, 4));
  const notes = [];
  if (journey.unused.length) notes.push(words.unused.replace("{}", journey.unused.join(" ")));
  if (year < data.years[0] || year > data.years[1]) notes.push(words.outside_years.replace("{}", data.years.join("–")));
  note(notes.join(" "));
  const quoted = (text) => (/^[\w+:=./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
  const options = asked(call).map(([name, value]) => `--${name} ${quoted(value)}`);
  const parts = [["pbx trace", quoted(data.site), data.tenant].join(" "), ...options];
  find("command").replaceChildren(...parts.flatMap((each) => [made("span", "", each), " "]));
  const met = new Set(journey.steps.map((step) => step.node));
  phones(journey);
  places(met);
  trunks(met);
  remember(call);
}
function note(text) {
  find("note").textContent = text;
  find("note").hidden = !text;
}

function light(journey) {
  for (const each of [...boxes.values(), ...ways.values()]) each.classList.remove("lit", "last");
  flow.classList.toggle("walking", journey.steps.length > 0);
  const lines = [];
  let end = null;
  journey.steps.forEach((step, number) => {
    const own = data.drawn[step.node];
    const way = ways.get(data.ways[`${step.node} ${step.exit}`]);
    if (own) end = own;
    if (own) boxes.get(own).classList.add("lit");
    if (way && leadsTo(way, step.to)) {
      way.classList.add("lit");
      end = way.dataset.to;
      boxes.get(end).classList.add("lit");
    }
    lines.push(line(step, number + 1));
  });
  if (end) boxes.get(end).classList.add("last");
  find("steps").replaceChildren(...lines);
  const final = journey.steps[journey.steps.length - 1];
  find("end").textContent = journey.end ? (final && final.ended) || words.ends[journey.end] || journey.end : "";
  const shown = [];
  if (journey.caller && journey.caller.number) {
    const { number, name } = journey.caller;
    shown.push(words.seen_inside.replace("{}", name ? `${number} (${name})` : number));
  }
  if (journey.shown) {
    shown.push(words.seen_outside.replace("{}", journey.shown === "anonymous" ? words.anonymous : journey.shown));
  }
  find("shown").textContent = shown.join(" ");
  find("shown").hidden = !shown.length;
}
// A user's own setting may send the call elsewhere by the same exit.
function leadsTo(way, to) {
  if (!to) return false;
  return to.includes(":") ? data.drawn[to] === way.dataset.to : !data.boxes[way.dataset.to];
}
// What is said stands in quotes; recordings and Asterisk's own sounds by their names.
function heardAs(said) {
  if (/^[\w./-]+\.wav$/.test(said)) return words.recording.replace("{}", said);
  return /^[a-z0-9]+(?:[-/][a-z0-9]+)+$/.test(said) ? words.sound.replace("{}", said) : `“${said}”`;
}
function line(step, number) {
  const item = made("li");
  const button = made("button");
  button.type = "button";
  button.append(made("span", "number", String(number)), made("strong", "", data.names[step.node] || step.node),
    made("span", "because", step.said));
  if (step.hears.length) {
    const said = step.hears.map(heardAs).join(", ");
    const heard = made("span", "heard", words.hears.replace("{}", () => said));
    heard.title = said;
    button.append(heard);
  }
  if (step.rings.length) button.append(made("span", "rung", rung(step.rings)));
  button.append(made("code", "where", `${step.file}:${step.line}`));
  button.addEventListener("click", () => {
    const own = data.drawn[step.node];
    if (own) choose(own);
  });
  item.append(button);
  return item;
}
for (const each of ["number", "date", "time", "keys", "caller"]) {
  find(each).addEventListener("input", () => {
    foretell();
    follow();
  });
}
find("form").addEventListener("submit", (event) => event.preventDefault());
find("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(find("command").textContent);
  } catch {
    getSelection().selectAllChildren(find("command"));
  }
});

// A call as the options of pbx trace, which are also what stands in the address: so it can be sent to somebody.
function asked(call) {
  const told = [["did", call.number], ["at", call.at]];
  if (call.caller) told.push(["caller", call.caller]);
  for (const press of call.presses) told.push(["press", press]);
  return [...told, ...worldAsked()];
}
function remember(call) {
  history.replaceState(null, "", "#" + new URLSearchParams(asked(call)));
}
function recall() {
  const told = new URLSearchParams(location.hash.slice(1));
  const now = new Date().toLocaleString("sv-SE", { timeZone: data.zone });
  const [day, clock] = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(told.get("at") || "") ? told.get("at").split("T") : now.split(" ");
  find("date").value = day;
  find("time").value = clock.slice(0, 5);
  if (data.numbers.some((each) => each.number === told.get("did"))) find("number").value = told.get("did");
  find("keys").value = told.getAll("press").join(" ");
  find("caller").value = told.get("caller") || "";
  recallWorld(told);
}
