# The path of the program isn't UTF-8, and has a space.
folder="$(printf 'caf\351 bar')"; mkdir "$folder"
printf '#!/bin/sh\necho it runs "$@"; exit 3\n' > "$folder/program"; chmod +x "$folder/program"
"$@" "./$folder/program" one
echo $?
PATH="$PWD/$folder:$PATH" "$@" program two
echo $?
