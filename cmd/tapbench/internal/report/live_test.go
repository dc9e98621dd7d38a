package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/report"
)

// control is a page that does all that a report mustn't, so that the tests below can fail.
const control = `<!DOCTYPE html><title>x</title><img src="http://evil.invalid/control">
<script>console.error("heard"); document.title = "owned"</script>`

func TestBrowserSeesWhatAPageDoes(t *testing.T) {
	t.Parallel()
	v := browse(t, []byte(control), "")
	if !strings.Contains(v.dom, "<title>owned</title>") ||
		!strings.Contains(strings.Join(v.console, "\n"), "heard") ||
		!strings.Contains(v.log, "http://evil.invalid/control") {
		t.Errorf("the browser didn't notice script, console or request: %q", v.console)
	}
}

func TestHostileTextDoesNothing(t *testing.T) {
	t.Parallel()
	v := browse(t, written(t, hostilePage(t)), "#x1")
	if strings.Contains(v.dom, "<title>owned") {
		t.Error("a script of the trace's ran")
	}
	if strings.Contains(v.log, "evil.invalid") {
		t.Error("something was fetched")
	}
	if len(v.console) > 0 {
		t.Errorf("the console says %q", v.console)
	}
}

func TestAddressOpensItsExchange(t *testing.T) {
	t.Parallel()
	p := &report.Page{Title: "tap", Dialogues: []*report.Dialogue{dialogue(t, tap)}}
	v := browse(t, written(t, p), "#x2")
	if !strings.Contains(v.dom, `<details class="x chosen" id="x2" open="">`) ||
		!strings.Contains(v.dom, `<details class="x" id="x1">`) {
		t.Error("not the second exchange alone is open")
	}
	if len(v.console) > 0 {
		t.Errorf("the console says %q", v.console)
	}
}

// driver clicks, types and points as a user does, and writes what it finds as the title.
const driver = `
const found = [];
const say = (name, value) => found.push(name + "=" + value);
const key = (k) => document.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true }));
const first = document.getElementById("x1"), second = document.getElementById("x2");
first.querySelector("summary").click();
say("clicked", first.open);
say("address", location.hash);
key("j");
say("focus", document.activeElement.closest("details").id);
key("k");
say("back", document.activeElement.closest("details").id);
second.open = true;
const row = second.querySelector('tr.stand-in');
row.dispatchEvent(new FocusEvent("focusin", { bubbles: true })); // whatever window is in front
say("row", row.classList.contains("lit"));
say("lit", Array.from(second.querySelectorAll(".bytes .lit"), (r) => r.textContent).join(" "));
const run = second.querySelector(".bytes .stand-in");
run.dispatchEvent(new MouseEvent("mouseover", { bubbles: true }));
say("pointed", second.querySelector("tr.lit").classList.contains("stand-in"));
document.querySelector('[data-all="close"]').click();
say("open", document.querySelectorAll("details.x[open]").length);
location.hash = "#x2";
window.addEventListener("hashchange", () => {
  say("hash", second.open);
  say("fetched", performance.getEntriesByType("resource").length);
  document.title = found.join(";");
});
`

func TestPageAnswersItsUser(t *testing.T) {
	t.Parallel()
	p := &report.Page{Title: "tap", Dialogues: []*report.Dialogue{dialogue(t, tap)}}
	v := browse(t, driven(written(t, p)), "")
	_, title, _ := strings.Cut(v.dom, "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	want := "clicked=true;address=#x1;focus=x2;back=x1;row=true;lit=5A 08 54 13 33 00 89 02 00 11;" +
		"pointed=true;open=0;hash=true;fetched=0"
	if title != want {
		t.Errorf("got  %s\nwant %s", title, want)
	}
	if len(v.console) > 0 {
		t.Errorf("the console says %q", v.console)
	}
}

// driven adds the driver to a page, and its digest to the page's policy.
func driven(page []byte) []byte {
	sum := sha256.Sum256([]byte(driver))
	allow := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "' "
	for _, quote := range []string{"script-src ", "script-src&#32;"} {
		page = bytes.Replace(page, []byte(quote), []byte(allow), 1)
	}
	return bytes.Replace(page, []byte("</body>"),
		[]byte("<script>"+driver+"</script></body>"), 1)
}
