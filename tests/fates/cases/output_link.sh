# The record goes through a link, to the file that it names.
echo old > data; ln -s data link
"$@" -q -o link -- sh -c 'exit 3'
code=$?
ls -l >&2
[ $code = 3 ] && [ -L link ] && [ ! -L data ] && grep -q '"trailer"' data && [ "$(ls | tr '\n' ' ')" = "data link " ]
