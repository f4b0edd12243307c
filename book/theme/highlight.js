// mdBook's own highlighter knows some forty languages, and is a third of what a page may weigh.
// This one knows those of this book. What it does not know, it leaves as it is.
"use strict";

window.hljs = (() => {
    const string = "\"(?:\\\\.|[^\"\\\\\\n])*\"";
    const number = "\\b\\d[\\d_.]*(?:[a-z]\\w*)?\\b";
    const words = list => `\\b(?:${list.replaceAll(" ", "|")})\\b`;

    // For each language, the classes and what belongs to them, the first that fits wins.
    const languages = {
        diff: [
            ["meta", "^(?:@@|---|\\+\\+\\+).*"],
            ["addition", "^\\+.*"],
            ["deletion", "^-.*"],
        ],
        console: [["meta", "^[$#](?= )"]],
        json: [["attr", `${string}(?=\\s*:)`], ["string", string], ["number", number]],
        python: [
            ["comment", "#.*"],
            ["string", `[bfr]?(?:${string}|'(?:\\\\.|[^'\\\\\\n])*')`],
            ["keyword", words("and as assert break class continue def del elif else except finally for from "
                + "global if import in is lambda None nonlocal not or pass raise return True False try "
                + "while with yield")],
            ["number", number],
        ],
        rust: [
            ["comment", "//.*"],
            ["meta", "#!?\\[[^\\]]*\\]"],
            ["string", `b?${string}`],
            ["keyword", words("as async await break const continue crate dyn else enum extern fn for if impl "
                + "in let loop match mod move mut pub ref return self Self static struct super trait type "
                + "unsafe use where while")],
            ["type", "\\b[A-Z]\\w*\\b"],
            ["number", number],
        ],
        toml: [
            ["comment", "#.*"],
            ["section", "^\\[.*\\]"],
            ["attr", "^[\\w-]+(?=\\s*=)"],
            ["string", string],
            ["number", number],
        ],
    };

    function highlightBlock(block) {
        const name = /\blanguage-(\w+)/.exec(block.className)?.[1];
        const rules = languages[name];
        if (!rules || block.children.length > 0) return;
        const all = new RegExp(rules.map(([, pattern]) => `(${pattern})`).join("|"), "gm");
        const text = block.textContent;
        const parts = [];
        let done = 0;
        for (const match of text.matchAll(all)) {
            const rule = match.slice(1).findIndex(group => group !== undefined);
            const span = document.createElement("span");
            span.className = `hljs-${rules[rule][0]}`;
            span.textContent = match[0];
            parts.push(text.slice(done, match.index), span);
            done = match.index + match[0].length;
        }
        block.replaceChildren(...parts, text.slice(done));
    }

    // mdBook calls these two.
    return { configure() {}, highlightBlock };
})();
