/* The headings of columns as buttons that sort. */

/** Call `choose` with the value of a heading that is clicked; return the function that marks the column of an order. */
export function sortHeadings(columns, choose) {
  columns.addEventListener("click", ({ target }) => {
    if (target.value) choose(target.value);
  });
  return (order) => {
    for (const button of columns.querySelectorAll("button")) {
      const direction = order.startsWith("-") ? "descending" : "ascending";
      if (order.replace("-", "") === button.value) button.parentElement.setAttribute("aria-sort", direction);
      else button.parentElement.removeAttribute("aria-sort");
    }
  };
}
