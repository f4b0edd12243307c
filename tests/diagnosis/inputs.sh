#!/bin/sh
# Makes what the programs and commands of the test work on, the same each time, in the folder that is given.
set -eu
mkdir -p "$1"
cd "$1"

# 96 MB that don't compress to nothing, and aren't random.
seq 1 14000000 | head -c 96000000 > large
seq 1 250000 | awk '{ print ($1 * 7919) % 400009, "name", $1 % 1013, "value", $1 * 3 }' > table
head -c 2500000 table > text
awk 'BEGIN { print "["; for (i = 0; i < 40000; i++) printf "{\"id\": %d, \"name\": \"item %d\", \"tags\": [1, 2, %d]},\n", i, i, i % 7; print "{}]" }' > data.json

# A tree of many small files.
mkdir -p tree
for folder in a b c d e f g h; do
    mkdir -p "tree/$folder"
    split -b 60000 -a 3 text "tree/$folder/part-"
done

# A C project of many parts, with a Makefile.
mkdir -p project
for part in $(seq 1 12); do
    awk -v part="$part" 'BEGIN {
        print "#include <stdio.h>"
        print "#include <string.h>"
        for (i = 0; i < 20; i++)
            printf "int part_%d_%d(int x) { char text[64]; snprintf(text, sizeof text, \"%%d %d\", x); return (int)strlen(text) * x %% %d; }\n", part, i, i, i + 3
    }' > "project/part$part.c"
done
awk 'BEGIN {
    for (part = 1; part <= 12; part++) printf "int part_%d_1(int);\n", part
    print "int main(void) { int sum = 0;"
    for (part = 1; part <= 12; part++) printf "sum += part_%d_1(sum);\n", part
    print "return sum < 0; }"
}' > project/main.c
printf 'parts := $(patsubst %%.c,%%.o,$(wildcard *.c))\nall: $(parts)\n\tcc -o all $(parts)\n%%.o: %%.c\n\tcc -O2 -c -o $@ $<\n' > project/Makefile

# Python modules of many functions.
mkdir -p modules
for module in $(seq 1 25); do
    awk -v module="$module" 'BEGIN {
        for (i = 0; i < 200; i++) printf "def f%d(x, y=%d):\n    return {\"sum\": x + y, \"text\": f\"{x} of {y} in %d\"}\n\n\n", i, i, module
    }' > "modules/module_$module.py"
done
