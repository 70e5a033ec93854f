"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const source = $("trace");
  const copy = $("copy");
  if (copy) copy.addEventListener("click", copyReplay);
  if (!source) return;

  const trace = JSON.parse(source.textContent);
  const steps = trace.steps, slider = $("slider"), follow = $("follow");
  const patchers = new Set(trace.cpus.filter(cpu => cpu.patches).map(cpu => cpu.cpu));
  const codeAt = new Map();          // address -> instruction, as it was at boot
  for (const listing of trace.functions)
    for (const number of listing.code) codeAt.set(trace.code[number].address, trace.code[number]);
  for (const code of trace.code) if (!codeAt.has(code.address)) codeAt.set(code.address, code);
  const events = steps.filter(step => step.facts.some(fact => fact.rank !== "detail")).map(step => step.step);
  let position = -1, state, before;

  // the state at a step: the first one, and every change up to there

  function copyOf(view) { return JSON.parse(JSON.stringify(view)); }

  function apply(view, changed) {
    for (const [cpu, values] of Object.entries(changed.cpus || {})) Object.assign(view.cpus[cpu], values);
    Object.assign(view.sites ??= {}, changed.sites);
    Object.assign(view.counters ??= {}, changed.counters);
  }

  function go(to) {
    to = Math.max(0, Math.min(steps.length, to));
    if (to === position) return;
    if (position < 0 || to <= position) { state = copyOf(trace.start); apply(state, {}); position = 0; before = state; }
    while (position < to) {
      if (position === to - 1) before = copyOf(state);
      apply(state, steps[position].changed);
      position += 1;
    }
    if (to === 0) before = state;
    show();
  }

  // small builders of elements; text is always set as text

  function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties))
      if (value !== undefined && value !== "") element.setAttribute(name, value);
    element.append(...children.filter(child => child !== undefined && child !== null));
    return element;
  }

  const name = cpu => `vCPU${cpu}${patchers.has(Number(cpu)) ? " (patcher)" : ""}`;
  const label = text => make("span", { class: `label ${text.startsWith("new") ? "new" : text}` }, text);
  const listingOf = address => trace.functions.find(each => BigInt(each.start) <= BigInt(address) && BigInt(address) < BigInt(each.end));
  function where(address) {
    const listing = codeAt.has(address) ? null : listingOf(address);
    return listing ? `${listing.name}+0x${(BigInt(address) - BigInt(listing.start)).toString(16)}` : codeAt.get(address)?.at ?? address;
  }

  // what is shown

  function show() {
    const step = position ? steps[position - 1] : null;
    const chosen = follow.value === "" ? (step ? step.cpu : trace.cpus[0].cpu) : Number(follow.value);
    slider.value = position;
    slider.setAttribute("aria-valuetext", step ? `#${step.step}, vCPU${step.cpu}: ${step.title}` : "start");
    $("where").value = `#${position} of ${steps.length}`;
    for (const id of ["first", "before", "back"]) $(id).disabled = position === 0;
    for (const id of ["forward", "after", "last"]) $(id).disabled = position === steps.length;
    showNow(step);
    $("sites").replaceChildren(...trace.sites.map((site, number) => siteTable(site, number, step)));
    $("changed").replaceChildren(changedTable(step));
    showCpus(step);
    showListing(step, chosen);
    showRegisters(chosen);
    moveCursor();
    for (const button of $("lanes").querySelectorAll("button[data-step]"))
      Number(button.dataset.step) === position ? button.setAttribute("aria-current", "step") : button.removeAttribute("aria-current");
    try { history.replaceState(null, "", `#${position}`); } catch { /* a page without an address */ }
  }

  function showNow(step) {
    const now = $("now"), code = step && step.code !== null ? trace.code[step.code] : null;
    const ended = position === steps.length && trace.finding !== null;
    now.className = ended ? "bad" : "";
    if (!step) { now.replaceChildren(make("p", { class: "headline" }, "Start: the guest has booted."), make("p", { class: "dim" }, "Nothing has happened yet.")); return; }
    const lines = [make("p", { class: "headline" }, `#${step.step} ${name(step.cpu)}: ${step.title}`)];
    if (code) lines.push(make("p", {}, make("code", { id: "executed" }, code.bytes), " ", make("code", {}, code.text), " ", make("span", { class: "dim" }, `at ${code.at}`)));
    if (code && code.source) lines.push(make("p", { class: "dim" }, code.source, code.line ? ": " : "", make("code", {}, code.line ?? "")));
    for (const fact of step.facts) if (fact.text !== step.title) lines.push(make("p", {}, fact.text));
    if (ended) lines.push(make("p", { class: "finding", id: "finding" }, trace.finding.message));
    now.replaceChildren(...lines);
  }

  function siteTable(site, number, step) {
    const sight = state.sites[number], memory = sight.memory.split(" ");
    const was = before.sites[number].memory.split(" ");
    const table = make("table", { class: "bytes", "data-site": number });
    table.append(make("caption", {}, make("code", {}, site.symbol), " is ", label(sight.is)));
    table.append(make("tr", {}, make("td"), ...memory.map((_, at) => make("td", { class: "offset" }, `+${at}`)), make("th", { class: "offset", scope: "col" }, "may execute")));
    const cells = memory.map((byte, at) => make("td", { class: byte === was[at] ? "byte" : "byte fresh" }, make("code", {}, byte)));
    table.append(make("tr", { "data-row": "memory" }, make("th", { scope: "row" }, "memory"), ...cells, make("td")));
    sight.cpus.forEach((view, cpu) => table.append(siteRow(view, cpu, memory)));
    const code = step && step.code !== null ? trace.code[step.code] : null;
    const offset = code ? Number(BigInt(code.address) - BigInt(site.address)) : -1;
    if (code && offset >= 0 && offset < memory.length) table.append(executedRow(step, code, offset, memory));
    return table;
  }

  function siteRow(view, cpu, memory) {
    const row = make("tr", { "data-row": cpu }, make("th", { scope: "row" }, `vCPU${cpu}`));
    for (const piece of view.pieces) {
      const values = piece.map(value => value.split(" "));
      for (const offset of values[0].keys()) {
        const bytes = [...new Set(values.map(value => value[offset]))];
        const at = row.children.length - 1;
        row.append(make("td", { class: bytes.some(byte => byte !== memory[at]) ? "byte stale" : "byte" }, ...bytes.map(byte => make("span", {}, make("code", {}, byte)))));
      }
    }
    const kinds = [...new Set(view.may_execute.map(each => each.is))];
    row.append(make("td", { class: "may" }, ...kinds.flatMap((kind, at) => at ? [", ", label(kind)] : [label(kind)])));
    return row;
  }

  function executedRow(step, code, offset, memory) {
    const bytes = code.bytes.split(" "), saw = step.facts.find(fact => fact.saw);
    const row = make("tr", { "data-row": "executed" }, make("th", { scope: "row" }, `vCPU${step.cpu} executed`));
    memory.forEach((_, at) => row.append(make("td", { class: at >= offset && bytes[at - offset] ? "byte" : "" }, make("code", {}, bytes[at - offset] ?? ""))));
    row.append(make("td", { class: "may" }, saw ? label(saw.saw) : ""));
    return row;
  }

  function changedTable(step) {
    const cpus = step ? Object.entries(step.changed.cpus || {}) : [];
    const counters = step ? Object.entries(step.changed.counters || {}) : [];
    const table = make("table");
    for (const [cpu, values] of cpus)
      for (const [register, value] of Object.entries(values))
        table.append(changedRow(`vCPU${cpu}`, register, before.cpus[cpu][register], value));
    for (const [counter, value] of counters) table.append(changedRow("", counter, String(before.counters[counter]), String(value)));
    return table.rows.length ? table : make("p", { class: "dim" }, step ? "No register changed." : "Nothing yet.");
  }

  function changedRow(cpu, register, old, value) {
    const shown = text => register === "rip" ? where(text) : text || "none";
    return make("tr", { "data-register": register }, make("th", { scope: "row" }, cpu), make("td", {}, register), make("td", { class: "dim" }, shown(old)), make("td", {}, "→"), make("td", {}, shown(value)));
  }

  function showCpus(step) {
    const head = ["CPU", "is about to execute", "instruction", "masks", "pending", "store buffer"].map(text => make("th", { scope: "col" }, text));
    const rows = Object.entries(state.cpus).map(([cpu, view]) => make("tr", { class: step && step.cpu === Number(cpu) ? "stepped" : "" },
      make("th", { scope: "row" }, name(cpu)), make("td", {}, where(view.rip)), make("td", {}, atSite(view.rip, cpu) ?? codeAt.get(view.rip)?.text ?? ""),
      make("td", {}, view.masks), make("td", {}, view.pending), make("td", {}, view.stores)));
    $("cpus").replaceChildren(make("tr", {}, ...head), ...rows);
    $("counters").textContent = Object.entries(state.counters).map(([counter, value]) => `${counter}: ${value}`).join(", ");
  }

  function showListing(step, cpu) {
    const executed = step && step.cpu === cpu && step.code !== null ? trace.code[step.code] : null;
    const next = state.cpus[cpu].rip, here = executed ? executed.address : next;
    const listing = listingOf(here);
    const table = make("table", { "data-cpu": cpu });
    let line = null, target = null;
    for (const number of listing ? listing.code : []) {
      const code = trace.code[number];
      if (code.source && code.source !== line) { line = code.source; table.append(make("tr", { class: "source" }, make("td"), make("td", { colspan: 3 }, `${code.source}${code.line ? "  " + code.line : ""}`))); }
      const now = executed && code.address === executed.address, mark = now ? "▸" : code.address === next ? "→" : " ";
      const row = make("tr", { class: now ? "executed" : "" }, make("td", {}, mark), make("td", {}, code.at.split("/")[0]), make("td", {}, code.bytes), make("td", {}, code.text));
      table.append(row);
      if (now || (!executed && code.address === next)) target = row;
      const site = trace.sites.findIndex(each => each.address === code.address);
      if (site >= 0 && !state.sites[site].memory.startsWith(code.bytes))
        table.append(make("tr", { class: "memory" }, make("td"), make("td", {}, "memory"), make("td", {}, state.sites[site].memory), make("td")));
      if (now && code.bytes !== executed.bytes)
        table.append(make("tr", { class: "torn" }, make("td"), make("td", {}, "executed"), make("td", {}, executed.bytes), make("td", {}, executed.text)));
    }
    const box = $("listing");
    box.replaceChildren(listing ? table : make("p", { class: "dim" }, "No listing of this code."));
    if (target) box.scrollTop = target.offsetTop - box.clientHeight / 2;
  }

  function showRegisters(cpu) {
    const rows = Object.entries(state.cpus[cpu]).filter(([register]) => !["masks", "pending", "stores"].includes(register));
    $("registers").replaceChildren(...rows.map(([register, value]) => make("code", {}, `${register.padEnd(6)} ${value}`)));
  }

  // what a CPU would fetch at an address, where that is a patch site whose bytes are not those of the listing
  function atSite(address, cpu) {
    const number = trace.sites.findIndex(site => site.address === address);
    if (number < 0 || state.sites[number].memory === trace.start.sites[number].memory) return null;
    return [...new Set(state.sites[number].cpus[cpu].may_execute.map(each => each.is))].join(" or ");
  }

  function moveCursor() {
    const cursor = $("cursor"), box = $("drawing"), scale = Number($("timeline").dataset.scale);
    const x = Math.max(position - 0.5, 0) * scale + 1;
    cursor.setAttribute("x1", x); cursor.setAttribute("x2", x);
    cursor.removeAttribute("hidden");
    if (x < box.scrollLeft + 30 || x > box.scrollLeft + box.clientWidth - 30) box.scrollLeft = x - box.clientWidth / 2;
  }

  // the name of a bar stays in sight while the bar is
  function moveLabels() {
    const left = $("drawing").scrollLeft;
    for (const text of $("timeline").querySelectorAll("text.bar")) {
      const start = Number(text.dataset.start), end = Number(text.dataset.end);
      const x = Math.max(start, left) + 3;
      text.setAttribute("x", x);
      text.style.visibility = x + 5.6 * text.textContent.length < end + 4 ? "" : "hidden";
    }
  }

  // how to move

  const moves = {
    first: () => go(0), back: () => go(position - 1), forward: () => go(position + 1), last: () => go(steps.length),
    before: () => go(events.findLast(number => number < position) ?? 0),
    after: () => go(events.find(number => number > position) ?? steps.length),
  };
  const keys = { ArrowLeft: "back", ArrowRight: "forward", p: "before", n: "after", v: "last" };
  for (const [id, move] of Object.entries(moves)) $(id).addEventListener("click", move);
  slider.addEventListener("input", () => go(Number(slider.value)));
  follow.addEventListener("change", show);
  $("timeline").addEventListener("click", event => {
    const scale = Number($("timeline").dataset.scale);
    go(Math.ceil((event.clientX - $("timeline").getBoundingClientRect().left - 1) / scale));
  });
  $("lanes").addEventListener("click", event => {
    const button = event.target.closest("button[data-step]");
    if (button) go(Number(button.dataset.step));
  });
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target === follow) return;
    if (event.target === slider && event.key.startsWith("Arrow")) return;
    const inside = $("controls").contains(event.target) && event.target !== slider;
    const move = keys[event.key] ?? (inside ? { Home: "first", End: "last" }[event.key] : undefined);
    if (!move) return;
    event.preventDefault();
    moves[move]();
  });
  $("drawing").addEventListener("scroll", moveLabels, { passive: true });
  addEventListener("hashchange", () => { if (/^#\d+$/.test(location.hash)) go(Number(location.hash.slice(1))); });
  go(/^#\d+$/.test(location.hash) ? Number(location.hash.slice(1)) : 0);

  function copyReplay() {
    const text = $("replay").textContent, told = $("copied");
    const done = () => { told.textContent = "Copied."; };
    const byHand = () => { getSelection().selectAllChildren($("replay")); told.textContent = document.execCommand("copy") ? "Copied." : "Selected: press Ctrl-C."; };
    navigator.clipboard ? navigator.clipboard.writeText(text).then(done, byHand) : byHand();
  }
})();
