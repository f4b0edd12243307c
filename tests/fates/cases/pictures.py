# Words that a picture, a page and a table must escape: markup, quotes, an escape character, a bell, commas.
import csv, json, os, subprocess, sys, xml.dom.minidom
words = ["-q", "--svg", "a.svg", "--html", "a.html", "--csv", "a.csv", "--json", "a.json", "-m", "<b>&\x1b[31m ]]>\ufffe"]
command = ["--", "sh", "-c", "sleep 0.2 # <script>alert(1)</script> & \"quoted\", ]]> \x1b[31m\x07"]
assert subprocess.run(sys.argv[1:] + words + command).returncode == 0
xml.dom.minidom.parse("a.svg")
page = open("a.html").read()
assert "<script" not in page and "\x1b" not in page
json.load(open("a.json"))
assert len({len(row) for row in csv.reader(open("a.csv"))}) == 1
