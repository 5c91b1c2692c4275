"use strict";
// One call, walked over the table of answers that the compiler's own trace gave (pbx/graph/table.py).
// call: {number, at: "2026-12-24T20:00", presses: ["1", "timeout"], states: {"201": "busy"}, caller: "+54…",
//        overrides: {"oficina": "closed"}, settings: {"201 do_not_disturb": "on", "201 forward_always": "202"},
//        trunks: {"principal": "failed"}, full: ["queue:ventas"]}
const LONGEST = 200;
const MOST_HOPS = 10;

function walk(table, call) {
  const contacts = table.contacts || {};
  const caller = { number: call.caller || "", name: Object.hasOwn(contacts, call.caller) ? contacts[call.caller] : "" };
  const journey = { steps: [], end: "", shown: "", unused: [], caller };
  const presses = [...call.presses];
  let chosen = null;
  let hops = 0;
  let at = "did:" + call.number;
  while (at && !journey.end) {
    if (journey.steps.length > LONGEST) {
      journey.end = "goes on for ever";
    } else if (!at.includes(":")) {
      journey.end = at;
    } else if (at.startsWith("dialled:") && ++hops > MOST_HOPS) {
      at = "busy";
    } else {
      for (const each of answers(table, at, call, chosen, presses, journey)) {
        journey.steps.push(...each.steps.map((number) => stepAt(table.steps[number], call.at, each)));
        if (each.chosen) chosen = each.chosen;
        if (each.shown) journey.shown = each.shown;
        if (each.end) journey.end = each.end;
        at = each.to ? each.to.replace("{keys}", each.keys) : null;
      }
    }
  }
  journey.unused = presses;
  return journey;
}

function answers(table, at, call, chosen, presses, journey) {
  if (at.startsWith("dialled:")) {
    const forwarder = journey.steps[journey.steps.length - 1].node.slice("extension:".length);
    const there = table.dialled[table.classes[forwarder]][at.slice("dialled:".length)];
    return there.route ? outside(there.route, call) : [there];
  }
  const place = table.places[at];
  if (place.route) return outside(place.route, call);
  if (place.keys) return menu(isFull(place, at, call) ? place.full : place, presses);
  return [answer(place, at, call, chosen)];
}

// The trunks of a route in their order, up to the one that carries the call or tells that nobody takes it.
function outside(route, call) {
  const taken = [route.first];
  for (const [trunk, states] of route.tries) {
    const next = states[call.trunks[trunk] || "answer"];
    taken.push(next);
    if (next.end) break;
  }
  return taken;
}

// A queue of which every agent is away lets nobody wait, however many there are.
function isFull(place, at, call) {
  if (!place.full || !call.full.includes(at)) return false;
  const away = (phone) => ["unavailable", "paused"].includes(stateOf(phone, call, true));
  return !place.phones || !place.phones.every(away);
}

function stepAt(step, at, answered) {
  const told = (text) => text.replace("{time}", at.slice(11, 16)).replace("{keys}", answered.keys);
  const rings = (answered.rings || step.rings || []).map(([extension, seconds, after]) => ({ extension, seconds, after }));
  return { ...step, because: told(step.because), said: told(step.said), to: step.to && told(step.to),
    hears: step.hears || [], rings };
}

function menu(place, presses) {
  const taken = [];
  let silent = 0;
  let wrong = 0;
  for (;;) {
    const nothing = !presses.length || (presses[0] === "timeout" && !place.secret);
    const press = presses.length ? presses.shift() : "";
    const known = Object.hasOwn(place.keys, press) ? place.keys[press] : null;
    const next = known || (nothing ? place.timeout[silent++] : place.invalid[wrong++]);
    taken.push(next);
    if (next.to || next.end) return taken;
  }
}

function answer(place, at, call, chosen) {
  if (place.week) return (place.forced && place.forced[call.overrides[at.slice("schedule:".length)]]) || hours(place, call.at);
  const rules = place.chosen && chosen === at ? place.chosen : place;
  if (isFull(rules, at, call)) return rules.full.fixed;
  if (rules.fixed) return rules.fixed;
  if (rules.plain) return extension(rules, rules.phones[0], call);
  const states = rules.phones.map((phone) => stateOf(phone, call, rules.otherwise.paused));
  const rung = rules.turns ? rings(rules, states) : [];
  const taken = rung.find(([phone]) => states[rules.phones.indexOf(phone)] === "answer");
  if (rules.turns && taken) return { ...rules.answered[taken[0]], rings: rung };
  const first = states.indexOf("answer");
  if (!rules.turns && first >= 0) return rules.answered[rules.phones[first]];
  return { ...rules.otherwise[left(states)], ...(rules.turns ? { rings: rung } : {}) };
}

// Why nobody takes the call: who would answer has not been rung in time.
function left(states) {
  const away = states.every((each) => each === "unavailable" || each === "paused");
  if (away && states.includes("paused")) return "paused";
  const said = states.map((each) => ({ answer: "no_answer", paused: "unavailable" })[each] || each);
  return ["busy", "no_answer", "unavailable"].filter((each) => said.includes(each)).join(" ");
}

// Who does not want to be disturbed is busy, and as an agent paused, as who asked for a pause; if a phone is there.
function stateOf(phone, call, isAgent) {
  const state = call.states[phone] || "answer";
  if (state === "unavailable") return state;
  const undisturbed = call.settings[phone + " do_not_disturb"] === "on";
  if (isAgent && (undisturbed || call.settings[phone + " queue_pause"] === "on")) return "paused";
  return undisturbed ? "busy" : state;
}

// All at once, or one after the other until somebody answers or time is up.
function rings(rules, states) {
  const { seconds, pause, limit } = rules.turns;
  const ringing = rules.phones.map((phone, index) => [phone, states[index]])
    .filter(([, state]) => state === "answer" || state === "no_answer");
  const answers = ringing.findIndex(([, state]) => state === "answer");
  const asked = pause && answers >= 0 ? ringing.slice(0, answers + 1) : ringing;
  return asked.map(([phone], index) => [phone, seconds, index * pause]).filter(([, , after]) => !limit || after < limit);
}

function extension(rules, number, call) {
  const said = (name) => call.settings[`${number} ${name}`] || "";
  const kind = (value) => (["", "off", "voicemail"].includes(value) ? value : "{keys}");
  const always = said("forward_always");
  if (rules.always[kind(always)]) return { ...rules.always[kind(always)], keys: always };
  const plain = (always === "off" && rules.off) || rules.plain;
  const undisturbed = said("do_not_disturb") === "on" ? " undisturbed" : "";
  const { asks, ways } = plain[(call.states[number] || "answer") + undisturbed];
  const value = asks && said("forward_" + asks);
  return { ...ways[kind(value)], keys: value };
}

function hours(place, at) {
  const [year, month, day] = at.slice(0, 10).split("-").map(Number);
  const minute = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const stretches = place.days[at.slice(0, 10)] || place.week[weekday];
  return stretches.find(([end]) => minute < end)[1];
}
