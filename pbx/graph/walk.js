"use strict";
// One call, walked over the table of answers that the compiler's own trace gave (pbx/graph/table.py).
// call: {number, at: "2026-12-24T20:00", presses: ["1", "timeout"], states: {"201": "busy"}}
const LONGEST = 200;

function walk(table, call) {
  const journey = { steps: [], end: "", shown: "", unused: [] };
  const presses = [...call.presses];
  let chosen = null;
  let at = "did:" + call.number;
  while (at && !journey.end) {
    if (journey.steps.length > LONGEST) {
      journey.end = "goes on for ever";
    } else if (!at.includes(":")) {
      journey.end = at;
    } else {
      const place = table.places[at];
      const answers = place.keys ? menu(place, presses) : [answer(place, at, call, chosen)];
      for (const each of answers) {
        journey.steps.push(...each.steps.map((number) => stepAt(table.steps[number], call.at)));
        if (each.chosen) chosen = each.chosen;
        if (each.shown) journey.shown = each.shown;
        if (each.end) journey.end = each.end;
        at = each.to || null;
      }
    }
  }
  journey.unused = presses;
  return journey;
}

function stepAt(step, at) {
  const clock = at.slice(11, 16);
  return { ...step, because: step.because.replace("{time}", clock), said: step.said.replace("{time}", clock) };
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
  if (place.week) return hours(place, call.at);
  const rules = place.chosen && chosen === at ? place.chosen : place;
  if (rules.fixed) return rules.fixed;
  const states = rules.phones.map((phone) => call.states[phone] || "answer");
  const first = states.indexOf("answer");
  if (first >= 0) return rules.answered[rules.phones[first]];
  return rules.otherwise[["busy", "no_answer", "unavailable"].filter((each) => states.includes(each)).join(" ")];
}

function hours(place, at) {
  const [year, month, day] = at.slice(0, 10).split("-").map(Number);
  const minute = Number(at.slice(11, 13)) * 60 + Number(at.slice(14, 16));
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const stretches = place.days[at.slice(0, 10)] || place.week[weekday];
  return stretches.find(([end]) => minute < end)[1];
}
