// ---- the page begins, once all its parts are there -------------------------------------------------------------------
recall();
if (matchMedia("(max-width: 52rem)").matches) unfold(false);
foretell();
begin();
addEventListener("resize", () => { if (!current) begin(); });
