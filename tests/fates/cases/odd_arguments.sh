# Arguments are bytes: not UTF-8, empty, with lines, and in the braces that templates use.
"$@" printf '[%s]\n' "$(printf 'caf\351.txt')" '' 'two
lines' '{shm}' '{disk}' '{}' '{{seed}}' '--' '-q' '--memory' '$HOME' '*' 'a	tab'
echo $?
