"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const ROWS = 5, MORE = 50, CARDS = 25, PAGE = 100;
  // Only text is set, so that a recording never becomes markup.
  const el = (name, options = {}, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(options)) {
      if (key === "text") node.textContent = value;
      else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (value !== null && value !== false && value !== undefined) node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  };
  const byId = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
  const text = (index) => data.texts[index || 0];
  const json = (value) => JSON.stringify(value);
  const unfolded = (list) => {
    const all = [];
    for (let at = 0, last = ""; at < list.length; at += 2) all.push(last = last.slice(0, list[at]) + list[at + 1]);
    return all;
  };
  const meter = (part, all) => {
    const bar = el("span");
    bar.style.width = `${all ? (100 * part) / all : 0}%`;
    return el("span", { class: "meter", "aria-hidden": "true" }, bar);
  };
  const panel = byId("panel"), root = document.documentElement, note = byId("note");

  const theme = byId("theme"), dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const nameTheme = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours"); };
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; nameTheme(); });
  nameTheme();

  const copy = async (words, what) => {
    try { await navigator.clipboard.writeText(words); } catch {
      const area = el("textarea", { "aria-hidden": "true" });
      area.value = words; document.body.append(area); area.select(); document.execCommand("copy"); area.remove();
    }
    note.textContent = `${what} copied`;
  };
  const copyButton = (label, words) => {
    const button = el("button", { type: "button", text: `Copy ${label}`, onclick: async () => {
      await copy(words(), label);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = `Copy ${label}`; }, 1500);
    } });
    return button;
  };
  const link = (label, act) => el("button", { type: "button", class: "link", text: label, onclick: act });

  const s = data.summary;
  for (const [name, value, kind] of [["kept", number(s.kept)], ["broken", number(s.broken), s.broken && "bad"], ["errors", number(s.errors), s.errors && "bad"], ["warnings", number(s.warnings), s.warnings && "warn"], ["not judged", number(s.unreadable), s.unreadable && "warn"], ["coverage", `${data.coverage.percent.toFixed(1)} %`]])
    byId("figures").append(el("div", { class: kind || null }, el("dt", { text: name }), el("dd", { text: value })));

  // A sample is a list, whose positions `data.rs` defines.
  const findings = [];
  for (const group of data.groups) {
    group.id = text(group.name);
    group.samples.forEach((sample, index) => findings.push({ group, sample, index, source: text(sample[2]), status: sample[7] || 0, words: null }));
  }
  const groupOf = new Map(data.groups.map((group) => [group.fingerprint, group]));
  const wordsOf = (entry) => (entry.words ??= [entry.group.id, text(entry.group.operation), text(entry.group.promise), text(entry.group.keyword), text(entry.sample[1]), text(entry.sample[0]), entry.source, text(entry.sample[6])].join("\n").toLowerCase());
  const place = ({ sample, source }) => source + (sample[4] ? `:${sample[4]}` : "") + (sample[4] && sample[5] ? `:${sample[5]}` : "");
  const addressOf = (entry) => `finding-${entry.group.fingerprint}-${entry.index + 1}`;

  const facts = (pairs) => {
    const list = el("dl", { class: "facts" });
    for (const [name, value] of pairs) if (value) list.append(el("dt", { text: name }), typeof value === "string" ? el("dd", { class: "mono", text: value }) : el("dd", {}, value));
    return list;
  };
  // JSON over several lines. Numbers stay as they were sent. A part of a body stays on one line.
  const laid = (before, meant, after) => {
    const parts = ["", "", ""], all = before + meant + after, marks = [before.length, before.length + meant.length];
    if (before.startsWith("…")) return [before, meant, after];
    let level = 0, within = false, escaped = false, fresh = false;
    for (let at = 0; at < all.length; at++) {
      const c = all[at], to = at < marks[0] ? 0 : at < marks[1] ? 1 : 2;
      const put = (words) => { parts[to] += words; };
      const line = () => `\n${"  ".repeat(Math.max(level, 0))}`;
      if (within) { put(c); if (escaped) escaped = false; else if (c === "\\") escaped = true; else if (c === '"') within = false; continue; }
      if (/\s/.test(c)) continue;
      if (c === "}" || c === "]") { level -= 1; if (!fresh) put(line()); put(c); fresh = false; continue; }
      // A line that begins with the place begins before the mark.
      if (fresh) { parts[at === marks[0] ? 0 : to] += line(); fresh = false; }
      if (c === "{" || c === "[") { put(c); level += 1; fresh = true; }
      else if (c === ",") { put(c); fresh = true; }
      else if (c === ":") put(": ");
      else { put(c); within = c === '"'; }
    }
    return parts;
  };
  const exchange = (sample) => {
    const box = el("div", { class: "exchange" });
    if (sample[6]) box.append(el("p", { class: "mono", text: `${text(sample[8])} ${text(sample[6])}` }));
    if (sample[7]) box.append(el("p", { class: "mono", text: `status ${sample[7]}` }));
    if (sample.length > 17) {
      if (sample[17]) box.append(el("p", { class: "mono soft", text: text(sample[17]) }));
      // If a member is missing, the mark is the beginning of the object that lacks it.
      const [first, meant, last] = [text(sample[18]), text(sample[19]), text(sample[20])];
      const [before, marked, after] = laid(...(sample[21] && /^[{[]/.test(meant) ? [first, meant[0], meant.slice(1) + last] : [first, meant, last]));
      const body = el("pre", { tabindex: "0", role: "region", "aria-label": "Response body, with the place marked" }, before, el("mark", { text: marked }), after);
      box.append(body);
      requestAnimationFrame(() => { const mark = body.querySelector("mark"); body.scrollTop = mark.offsetTop - body.offsetTop - 60; });
    } else if (sample[13]) {
      const characters = Array.from(text(sample[13])), from = sample[14] || 0, to = from + (sample[15] || 0);
      box.append(el("pre", { tabindex: "0", role: "region", "aria-label": "Excerpt" }, characters.slice(0, from).join(""), el("mark", { text: characters.slice(from, to).join("") }), characters.slice(to).join("")));
    }
    return box;
  };
  const row = (entry) => {
    const { group, sample } = entry;
    const about = el("span", { class: "about mono" }, group.operation ? el("span", { text: text(group.operation) }) : null, sample[7] ? el("span", { text: String(sample[7]) }) : null, el("span", { text: place(entry) }), sample[1] ? el("span", { class: "pointer", text: text(sample[1]) }) : null);
    const details = el("details", { class: "row finding", id: addressOf(entry) }, el("summary", {}, group.accepted ? el("span", { class: "tag plain", text: "accepted" }) : null, el("span", { text: text(sample[0]) }), about));
    details.addEventListener("toggle", () => {
      if (!details.open) return;
      history.replaceState(null, "", `#${addressOf(entry)}`);
      if (details.childElementCount > 1) return;
      const extract = data.extract[0] + group.fingerprint + data.extract[1];
      const keyword = text(group.keyword);
      details.append(el("div", {}, facts([
        ["location", place(entry)], ["exchange", String(sample[3])], ["found", text(sample[9])], ["expected", text(sample[10])],
        [`${group.promiseKind === "implied" ? "implied" : "promised"} by`, text(group.promise)],
        ["schema", keyword && placeIndex(keyword) ? link(keyword, () => go(`place-${keyword}`)) : keyword !== text(group.promise) ? keyword : ""],
        ["defined at", text(group.definition)], ["closest branch", text(sample[11])], ["earlier", text(sample[12])],
        ["occurrences", `${number(group.count)} in all, ${number(group.samples.length)} in this page`], ["accepted", group.accepted || ""], ["fingerprint", group.fingerprint],
      ]), el("div", { class: "actions" },
        sample[16] ? copyButton("as curl", () => text(sample[16])) : null,
        copyButton("extract command", () => extract),
        copyButton("link", () => location.href.replace(/#.*/, "") + `#${addressOf(entry)}`),
        el("button", { type: "button", text: "Only this file", onclick: () => { filter.file = entry.source; go("findings"); } })),
        data.run.jsonReport ? null : el("p", { class: "soft" }, "The extract command reads a JSON report: add ", el("code", { text: "--report json=report.json" }), " to the run."), exchange(sample)));
    });
    return details;
  };
  const pager = (label, list, draw, rows = el("div"), frame = rows) => {
    const box = el("div"), status = el("p", { class: "soft", role: "status" }), bar = el("div", { class: "bar" });
    let at = 0;
    const show = () => {
      rows.replaceChildren(...list.slice(at, at + PAGE).map(draw));
      status.textContent = list.length ? `${number(at + 1)}–${number(Math.min(at + PAGE, list.length))} of ${number(list.length)} ${label}` : `no ${label}`;
      back.disabled = at === 0; on.disabled = at + PAGE >= list.length;
      bar.hidden = list.length <= PAGE;
    };
    const back = el("button", { type: "button", text: "Previous", onclick: () => { at -= PAGE; show(); } });
    const on = el("button", { type: "button", text: "Next", onclick: () => { at += PAGE; show(); } });
    bar.append(back, on); box.append(status, frame, bar);
    return { box, set: (next, first = 0) => { list = next; at = Math.floor(first / PAGE) * PAGE; show(); } };
  };

  // Findings
  const filter = { search: "", severity: "", id: "", operation: "", status: "", file: "" };
  const clear = () => { for (const name of Object.keys(filter)) filter[name] = ""; };
  const matches = (entry, words) => {
    const { group } = entry;
    return (!filter.severity || (filter.severity === "accepted" ? group.accepted : group.severity === filter.severity && !group.accepted)) && (!filter.id || group.id === filter.id) && (!filter.operation || text(group.operation) === filter.operation) && (!filter.status || String(entry.status) === filter.status) && (!filter.file || entry.source === filter.file) && words.every((word) => wordsOf(entry).includes(word));
  };
  const card = (id, entries, least) => {
    const [{ group }] = entries;
    const groups = [...new Set(entries.map((entry) => entry.group))];
    const total = groups.reduce((sum, one) => sum + one.count, 0);
    const operations = new Set(groups.map((one) => text(one.operation)).filter(Boolean)).size;
    const box = el("section", { class: "card group", "aria-label": id }, el("header", {}, el("span", { class: `tag ${group.severity}`, text: group.severity }), el("h2", { text: id }), group.isRule && ruleIndex.has(id) ? link("rule", () => go(`rule-${id}`)) : null, el("span", { class: "count", text: [counted(total, "finding"), operations > 1 ? counted(operations, "operation") : ""].filter(Boolean).join(" · ") }), group.isRule ? el("p", { class: "soft", text: data.rules[ruleIndex.get(id)]?.quote || text(group.promise) }) : null));
    let shown = 0;
    const more = el("button", { type: "button", onclick: () => add(MORE) });
    const add = (count) => {
      const next = entries.slice(shown, shown + count).map(row);
      more.before(...next);
      shown += next.length;
      const left = entries.length - shown;
      more.hidden = left === 0;
      more.textContent = left > MORE ? `Show ${number(MORE)} more of ${number(left)}` : `Show ${number(left)} more`;
    };
    box.append(more);
    add(Math.max(ROWS, least));
    return box;
  };
  const isFiltered = () => Object.values(filter).some(Boolean);
  let wanted = null;
  const viewFindings = () => {
    const controls = el("div", { class: "bar" }), list = el("div"), status = el("p", { class: "soft", role: "status" });
    const search = el("input", { type: "search", id: "search", placeholder: "Search findings", "aria-label": "Search findings", title: "Searches messages, places, operations and files" });
    search.value = filter.search;
    search.addEventListener("input", () => { filter.search = search.value; apply(); });
    controls.append(search);
    const select = (name, label, all, values) => {
      if (values.length < 2 && !filter[name]) return;
      const box = el("select", { id: name, "aria-label": label }, el("option", { value: "", text: all }), ...values.map(([value, words]) => el("option", { value, text: words })));
      box.value = filter[name];
      box.addEventListener("input", () => { filter[name] = box.value; apply(); });
      controls.append(box);
    };
    const tally = (of) => {
      const counts = new Map();
      for (const entry of findings) { const value = of(entry); if (value) counts.set(value, (counts.get(value) || 0) + 1); }
      return [...counts].sort(([one], [other]) => (one < other ? -1 : 1)).map(([value, count]) => [value, `${value} (${number(count)})`]);
    };
    const severities = [["error", "Errors"], ["warning", "Warnings"], ["accepted", "Accepted"]].filter(([value]) => data.groups.some((group) => (value === "accepted" ? group.accepted : group.severity === value)));
    select("severity", "Severity", "All severities", severities);
    select("id", "Id", "All ids", tally((entry) => entry.group.id));
    select("operation", "Operation", "All operations", tally((entry) => text(entry.group.operation)));
    select("status", "Status", "All statuses", tally((entry) => (entry.status ? String(entry.status) : "")));
    select("file", "File", "All files", tally((entry) => entry.source));
    const reset = el("button", { type: "button", text: "Clear", onclick: () => { clear(); choose("findings", false); byId("search").focus(); } });
    controls.append(reset);
    const rank = { error: 0, warning: 1 };
    const apply = () => {
      const words = filter.search.toLowerCase().split(/\s+/).filter(Boolean);
      const found = findings.filter((entry) => matches(entry, words));
      const ids = new Map();
      for (const entry of found) { const key = `${entry.group.accepted ? 2 : rank[entry.group.severity]}${entry.group.id}`; if (!ids.has(key)) ids.set(key, []); ids.get(key).push(entry); }
      const cards = [...ids].sort(([one, a], [other, b]) => one[0] - other[0] || b.length - a.length || (one < other ? -1 : 1)).map(([, entries]) => entries);
      reset.hidden = !isFiltered();
      status.textContent = found.length ? `${isFiltered() ? `${number(found.length)} of ` : ""}${counted(findings.length, "finding")}, ${counted(cards.length, "id")}` : findings.length ? "no finding matches" : "no findings";
      list.replaceChildren();
      let shown = 0;
      const more = el("button", { type: "button", onclick: () => add(CARDS) });
      const add = (count) => {
        for (const entries of cards.slice(shown, shown + count)) {
          const at = wanted ? entries.findIndex((entry) => addressOf(entry) === wanted) : -1;
          more.before(card(entries[0].group.id, entries, at + 1));
        }
        shown = Math.min(shown + count, cards.length);
        more.hidden = shown === cards.length;
        const left = cards.length - shown;
        more.textContent = left > CARDS ? `Show ${number(CARDS)} more of ${number(left)} ids` : `Show ${counted(left, "more id")}`;
      };
      list.append(more);
      const at = wanted ? cards.findIndex((entries) => entries.some((entry) => addressOf(entry) === wanted)) : -1;
      add(Math.max(CARDS, at + 1));
    };
    apply();
    const failed = data.inputs.filter(([, , error]) => error);
    const total = s.errors + s.warnings;
    return [
      failed.slice(0, PAGE).map(([source, , error, trouble]) => el("p", { class: "card" }, el("span", { class: "tag error", text: trouble || "error" }), el("code", { text: source }), ` ${error}`)),
      failed.length > PAGE ? el("p", { text: `… and ${counted(failed.length - PAGE, "more input")} that could not be read or judged completely` }) : null,
      controls, status,
      total > findings.length ? el("p", { class: "soft", text: `${counted(total, "finding")} in all; ${number(findings.length)} are in this page. ` }, data.omitted ? "The JSON report has the others." : [el("code", { class: "flag", text: "--samples all" }), " writes all."]) : null,
      list,
    ];
  };

  // Coverage
  const cases = ([seen, kinds, values, branches, bounds]) => {
    const all = [["seen", seen || 0]];
    for (const [list, least] of [[kinds, 2], [values, 2], [branches, 1], [bounds, 1]])
      if (list && Object.keys(list).length >= least) all.push(...Object.entries(list));
    return all;
  };
  let places = null;
  const placeNames = () => (places ??= unfolded(data.places));
  let placeMap = null;
  const placeIndex = (name) => { placeMap ??= new Set(placeNames()); while (name.includes("/") && !placeMap.has(name)) name = name.slice(0, name.lastIndexOf("/")); return placeMap.has(name) ? name : ""; };
  let tree = null;
  const treeOf = () => {
    if (tree) return tree;
    tree = { children: new Map(), entry: null, path: "" };
    placeNames().forEach((name, index) => {
      const [file, pointer = ""] = name.split("#");
      let at = tree;
      for (const token of [file, ...pointer.split("/").slice(1)]) {
        if (!at.children.has(token)) at.children.set(token, { children: new Map(), entry: null, path: at === tree ? `${token}#` : `${at.path}/${token}` });
        at = at.children.get(token);
      }
      at.entry = data.schema[index];
    });
    const tally = (node) => {
      const own = node.entry ? cases(node.entry) : [];
      node.all = own.length; node.seen = own.filter(([, seen]) => seen).length;
      for (const child of node.children.values()) { tally(child); node.all += child.all; node.seen += child.seen; }
    };
    tally(tree);
    return tree;
  };
  const findingsAt = (path) => data.groups.reduce((sum, group) => { const at = text(group.keyword); return sum + (at === path || at.startsWith(`${path}/`) ? group.count : 0); }, 0);
  const viewCoverage = () => {
    const c = data.coverage;
    const draw = ([name, node]) => {
      const state = node.seen === 0 ? "never" : node.seen < node.all ? "some" : "all";
      const details = el("details", { class: "node" }, el("summary", {}, el("code", { text: name.replaceAll("~1", "/").replaceAll("~0", "~") }), meter(node.seen, node.all), el("span", { class: state, text: state === "never" ? "never seen" : `${number(node.seen)} of ${number(node.all)}` })));
      details.dataset.path = node.path;
      details.fill = () => {
        if (details.childElementCount > 1) return;
        const here = findingsAt(node.path);
        if (here) details.append(el("p", {}, link(counted(here, "finding"), () => { clear(); filter.search = node.path; go("findings"); })));
        if (node.entry) details.append(el("p", { class: "chips" }, cases(node.entry).map(([word, seen]) => el("span", { class: `tag ${seen ? "good" : "error"}`, text: `${word} ${number(seen)}` }))));
        details.append(...[...node.children].map(draw));
      };
      details.addEventListener("toggle", () => details.open && details.fill());
      return details;
    };
    const bars = (label, rows) => el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { text: "cases" }), el("th", { class: "n", text: "seen" }), el("th", { class: "n", text: "reachable" }), el("th", { text: "coverage" }))), el("tbody", {}, rows.map(([name, seen, all]) => el("tr", {}, el("td", { text: name }), el("td", { class: "n", text: number(seen) }), el("td", { class: "n", text: number(all) }), el("td", { class: "m" }, meter(seen, all)))))));
    const chips = (list) => el("span", { class: "chips" }, Object.entries(list).map(([name, seen]) => el("span", { class: `tag ${seen ? "good" : "error"}`, text: `${name || "nothing"} ${number(seen)}` })));
    const operationRows = el("tbody");
    const operations = pager("operations", [], (operation) => {
      const lists = [operation.statuses, operation.expand, operation.parameters, operation.requestBodies, operation.mediaTypes, operation.security];
      const all = lists.flatMap((list) => Object.values(list || {}));
      const own = findings.some((entry) => text(entry.group.operation) === operation.operation);
      return el("tr", {}, el("td", {}, el("code", { text: operation.operation }), own ? link("findings", () => { clear(); filter.operation = operation.operation; go("findings"); }) : null), el("td", { class: "n", text: number(operation.seen) }), el("td", {}, chips(operation.statuses)), el("td", { class: "m" }, meter(all.filter(Boolean).length, all.length), el("span", { class: "soft", text: `${all.filter(Boolean).length} of ${all.length}` })));
    }, operationRows, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Operations" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { text: "operation" }), el("th", { class: "n", text: "exchanges" }), el("th", { text: "statuses" }), el("th", { text: "cases" }))), operationRows)));
    operations.set(c.operations);
    const missing = pager("cases never seen", [], (name) => el("p", {}, el("code", { text: name })));
    const names = unfolded(c.missing);
    missing.set(names);
    const search = el("input", { type: "search", placeholder: "Search cases", "aria-label": "Search cases" });
    search.addEventListener("input", () => missing.set(names.filter((name) => name.toLowerCase().includes(search.value.toLowerCase()))));
    return [
      el("div", { class: "card" }, el("h2", { text: `${c.percent.toFixed(1)} % of the reachable cases were seen` }), bars("Coverage by kind of case", c.parts.map((part) => [part.of, part.covered, part.reachable]))),
      el("div", { class: "card" }, el("h2", { text: "Operations" }), operations.box),
      el("div", { class: "card tree" }, el("h2", { text: "Schemas" }), [...treeOf().children].map(draw)),
      el("div", { class: "card" }, el("h2", { text: "Cases never seen" }), el("div", { class: "bar" }, search), missing.box),
      c.unreachable.length ? el("div", { class: "card" }, el("h2", { text: "Declared unreachable" }), c.unreachable.map((entry) => el("p", {}, el("code", { text: entry.case }), ` ${entry.reason}${entry.seen ? ` (seen ${number(entry.seen)} times)` : ""}`))) : null,
    ];
  };
  const openPlace = (name) => {
    const [file, pointer = ""] = placeIndex(name).split("#");
    let at = panel.querySelector(".tree"), found = null;
    for (const token of [file, ...pointer.split("/").slice(1)]) {
      const node = [...at.children].find((child) => child.matches?.("details.node") && child.querySelector("summary code").textContent === token.replaceAll("~1", "/").replaceAll("~0", "~"));
      if (!node) break;
      node.open = true; node.fill(); at = found = node;
    }
    return found;
  };

  // Rules
  const ruleIndex = new Map(data.rules.map((rule, index) => [rule.id, index]));
  const outcomeOf = (rule) => (rule.errored ? "not evaluated" : rule.failed ? "broken" : rule.passed ? "held" : "not exercised");
  const tagOf = { broken: "error", "not evaluated": "error", held: "good", "not exercised": "warning" };
  const viewRules = () => {
    const words = ["passed", "failed", "vacuous", "notApplicable", "blocked", "errored"];
    const body = el("tbody");
    const draw = (rule) => el("tr", { id: `rule-${rule.id}` }, el("td", {}, el("code", { text: rule.id }), rule.failed ? link("findings", () => { clear(); filter.id = rule.id; go("findings"); }) : null, el("p", { class: "soft", text: rule.quote })), el("td", {}, el("span", { class: `tag ${tagOf[outcomeOf(rule)]}`, text: outcomeOf(rule) })), ...words.map((word) => el("td", { class: "n", text: number(rule[word]) })), el("td", { class: "soft", text: Object.entries(rule.reasons).map(([reason, count]) => `${reason} ${count}`).join(", ") }));
    const frame = el("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Rules" }, el("table", { id: "rules" }, el("thead", {}, el("tr", {}, el("th", { text: "rule" }), el("th", { text: "outcome" }), ...words.map((word) => el("th", { class: "n", text: word === "notApplicable" ? "not applicable" : word })), el("th", { text: "reasons" }))), body));
    const list = pager("rules", [], draw, body, frame);
    const search = el("input", { type: "search", placeholder: "Search rules", "aria-label": "Search rules" });
    const outcome = el("select", { "aria-label": "Outcome" }, el("option", { value: "", text: "All outcomes" }), Object.keys(tagOf).map((value) => el("option", { value, text: value })));
    const apply = () => list.set(data.rules.filter((rule) => (!outcome.value || outcomeOf(rule) === outcome.value) && `${rule.id} ${rule.quote}`.toLowerCase().includes(search.value.toLowerCase())));
    for (const control of [search, outcome]) control.addEventListener("input", apply);
    list.set(data.rules, wanted ? ruleIndex.get(wanted) || 0 : 0);
    return [el("div", { class: "bar" }, search, outcome), list.box];
  };

  // Over time
  const viewTime = () => {
    if (!data.timelines.length) return [el("p", { class: "card", text: "No resource was seen more than once." })];
    const shown = data.timelines.length < data.timelineCount ? `${number(data.timelines.length)} of ` : "";
    return [el("p", { class: "soft", text: `${shown}${counted(data.timelineCount, "resource")} seen more than once` }), data.timelines.map((line) => {
      const isBroken = line.observations.some((entry) => entry.broken.length);
      const details = el("details", { class: "row timeline" }, el("summary", {}, el("span", { class: `tag ${isBroken ? "error" : "good"}`, text: isBroken ? "broken" : "kept" }), el("code", { text: line.resource }), ` ${line.operation}, seen ${number(line.count)} times`));
      details.addEventListener("toggle", () => {
        if (!details.open || details.childElementCount > 1) return;
        details.append(el("div", {}, el("ol", { class: "time" }, line.observations.map((entry) => el("li", { class: entry.broken.length ? "broken" : null }, el("strong", { text: entry.startedDateTime }), " ", el("span", { class: "mono soft", text: `${entry.exchange.source}${entry.exchange.line ? `:${entry.exchange.line}` : ""}` }), entry.broken.map((rule) => el("p", {}, el("span", { class: "tag error", text: rule }), link("findings", () => { clear(); filter.id = rule; go("findings"); }))), entry.changes.map((change) => el("p", { class: "mono", text: `${change.at || "the body"}: ${change.change === "set" ? "" : `${json(change.from)} → `}${change.change === "removed" ? "removed" : json(change.to)}` })))))));
      });
      return details;
    })];
  };

  // Inputs
  const viewInputs = () => {
    const counts = new Map();
    for (const entry of findings) counts.set(entry.source, (counts.get(entry.source) || 0) + 1);
    const body = el("tbody");
    const list = pager("inputs", [], ([source, exchanges, error, trouble]) => el("tr", {}, el("td", {}, el("code", { text: source }), error ? el("p", {}, el("span", { class: "tag error", text: trouble || "error" }), error) : null), el("td", { class: "n", text: number(exchanges) }), el("td", { class: "n" }, counts.has(source) ? link(number(counts.get(source)), () => { clear(); filter.file = source; go("findings"); }) : "0")), body, el("div", { class: "card scroll", tabindex: "0", role: "region", "aria-label": "Inputs" }, el("table", {}, el("thead", {}, el("tr", {}, el("th", { text: "input" }), el("th", { class: "n", text: "exchanges" }), el("th", { class: "n", text: "findings in this page" }))), body)));
    list.set(data.inputs);
    return [list.box, data.notJudged.length ? el("div", { class: "card" }, el("h2", { text: "Not judged" }), data.notJudged.map((entry) => el("p", {}, `${number(entry.count)} × ${entry.part}: ${entry.reason}`))) : null, data.skipped.length ? el("div", { class: "card" }, el("h2", { text: "Skipped files" }), data.skipped.slice(0, PAGE).map((file) => el("p", {}, el("code", { text: file.source }), ` ${file.reason}`)), data.skipped.length > PAGE ? el("p", { text: `… and ${number(data.skipped.length - PAGE)} more` }) : null) : null];
  };

  const views = { findings: [`Findings (${number(s.errors + s.warnings)})`, viewFindings], coverage: ["Coverage", viewCoverage], rules: [`Rules (${number(data.rules.length)})`, viewRules], time: ["Over time", viewTime], inputs: [`Inputs (${number(data.inputs.length)})`, viewInputs] };
  const tabs = byId("tabs");
  const choose = (name, focus) => {
    for (const tab of tabs.children) { const chosen = tab.id === `tab-${name}`; tab.setAttribute("aria-selected", chosen); tab.tabIndex = chosen ? 0 : -1; if (chosen && focus) tab.focus(); }
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    panel.replaceChildren(...views[name][1]().flat().filter(Boolean));
  };
  const reveal = (node) => {
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    panel.querySelectorAll(".target").forEach((other) => other.classList.remove("target"));
    node.classList.add("target");
  };
  // The browser moves the focus itself when it loads an address with a fragment.
  const focusLater = (node) => {
    node.focus({ preventScroll: true });
    if (document.readyState !== "complete") addEventListener("load", () => setTimeout(() => node.focus({ preventScroll: true })), { once: true });
  };
  const route = () => {
    const address = decodeURIComponent(location.hash.slice(1));
    const [, fingerprint] = /^finding-(.*)-\d+$/.exec(address) || [];
    if (fingerprint !== undefined && groupOf.has(fingerprint)) {
      clear(); wanted = address; choose("findings", false); wanted = null;
      const node = byId(address);
      if (node) { node.open = true; reveal(node); focusLater(node.querySelector("summary")); }
    } else if (address.startsWith("rule-") && ruleIndex.has(address.slice(5))) {
      wanted = address.slice(5); choose("rules", false); wanted = null;
      reveal(byId(address));
    } else if (address.startsWith("place-")) {
      choose("coverage", false);
      reveal(openPlace(address.slice(6)));
    } else choose(views[address] ? address : "findings", false);
  };
  const go = (address) => {
    const next = `#${encodeURIComponent(address)}`;
    if (location.hash === next) route(); else location.hash = next;
  };
  panel.setAttribute("role", "tabpanel");
  panel.tabIndex = -1;
  tabs.hidden = false;
  for (const [name, [label]] of Object.entries(views)) tabs.append(el("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel", text: label, onclick: () => go(name) }));
  tabs.addEventListener("keydown", (event) => {
    const all = [...tabs.children], at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const name = all[(to + all.length) % all.length].id.slice(4);
    history.replaceState(null, "", `#${name}`);
    choose(name, true);
  });
  addEventListener("hashchange", route);
  route();
})();
