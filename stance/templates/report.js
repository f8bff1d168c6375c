"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const PAGE = 20;
  let page = 0;

  const make = (tag, name, text) => {
    const node = document.createElement(tag);
    if (name) node.className = name;
    if (text) node.textContent = text;
    return node;
  };

  const wanted = () => {
    const stances = new Set([...document.querySelectorAll("input[name=stance]:checked")].map((box) => box.value));
    const holder = byId("by-holder").value, least = Number(byId("least").value) || 0;
    return (s) => stances.has(s.stance) && (!holder || s.holder === holder) && s.probability >= least;
  };

  const inDates = (article) => {
    const from = byId("from").value, to = byId("to").value;
    return (!from || (article.published && article.published >= from)) && (!to || (article.published && article.published <= to));
  };

  const style = (stance) => "s" + data.stances.indexOf(stance);

  const marked = (s, fits) => {
    const mark = make("mark", style(s.stance) + (fits(s) ? "" : " off"), s.sentence || "sentence " + s.number);
    mark.tabIndex = 0;
    mark.append(make("span", "chip " + style(s.stance), s.holder));
    const why = make("span", "why", s.stance + ", " + Math.round(100 * s.probability) + " %. " + (s.words ? "Decided by: " + s.words + ". " : "")
      + (s.kind ? "Told as " + s.kind + (s.cue ? ", by “" + s.cue + "”" : "") + "." : "Holder not told."));
    why.setAttribute("role", "tooltip");
    mark.append(why);
    return mark;
  };

  const shown = (article, fits) => {
    const node = make("article");
    const title = make("h3", "", article.title);
    node.append(title, make("div", "note", [article.published, article.outlet, article.url].filter(Boolean).join(" · ")));
    let paragraph = null, last = -1;
    for (const s of article.sentences) {
      if (s.paragraph !== last) { paragraph = make("p"); node.append(paragraph); last = s.paragraph; }
      paragraph.append(s.stance === "none" ? s.sentence : marked(s, fits), " ");
    }
    return node;
  };

  const draw = () => {
    const fits = wanted();
    const found = data.articles.filter((a) => inDates(a) && a.sentences.some((s) => s.stance !== "none" && fits(s)));
    const count = found.reduce((sum, a) => sum + a.sentences.filter((s) => s.stance !== "none" && fits(s)).length, 0);
    const pages = Math.max(1, Math.ceil(found.length / PAGE));
    page = Math.min(page, pages - 1);
    byId("count").textContent = count + (count === 1 ? " sentence" : " sentences") + " in " + found.length + (found.length === 1 ? " article" : " articles");
    byId("articles").replaceChildren(...found.slice(page * PAGE, (page + 1) * PAGE).map((a) => shown(a, fits)));
    byId("page").textContent = "Page " + (page + 1) + " of " + pages;
    byId("back").disabled = page === 0;
    byId("on").disabled = page >= pages - 1;
  };

  const sort = (button) => {
    const head = button.closest("th"), body = document.querySelector("#holders tbody");
    const down = head.getAttribute("aria-sort") === "ascending", key = Number(button.dataset.key);
    for (const other of document.querySelectorAll("#holders th[aria-sort]")) other.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const value = (row) => row.cells[key].textContent.trim();
    const rows = [...body.rows].sort((a, b) => value(a).localeCompare(value(b), "en", { numeric: true }) * (down ? -1 : 1));
    body.append(...rows);
  };

  for (const button of document.querySelectorAll("#holders th button")) button.addEventListener("click", () => sort(button));
  const all = byId("all-holders");
  if (all) all.addEventListener("click", () => { for (const row of document.querySelectorAll("tr.more")) row.hidden = false; all.remove(); });
  byId("filters").addEventListener("input", () => { page = 0; draw(); });
  byId("back").addEventListener("click", () => { page -= 1; draw(); });
  byId("on").addEventListener("click", () => { page += 1; draw(); byId("read").scrollIntoView(); });
  draw();
})();
