// Opened as a file, a page may not read the others, from which the search takes its excerpts: it shows the titles alone, and says so.
if (window.location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  document.addEventListener("DOMContentLoaded", () => {
    const results = document.getElementById("search-results");
    if (results) {
      const note = document.createElement("p");
      note.className = "search-note";
      note.textContent =
        "Titles only: a browser keeps pages that were opened as files from reading each other. With excerpts: python -m http.server in this folder.";
      results.before(note);
    }
  });
}
