# Another user has planted a folder `scenarios` above the working directory of root, which must not believe it.
[ "$(id -u)" = 0 ] || { echo "only root can make the folder of another user"; exit 77; }
mkdir -p above/scenarios/slice-dup above/below
cp "$PROGRAMS/planted.toml" above/scenarios/slice-dup/scenario.toml
chown -R 65534:65534 above
(cd above/below && "$@" -q -- true) || exit 1
[ ! -e above/target ] || { echo "root wrote into a stranger's folder"; exit 1; }
(cd above/below && "$LAB" list > out 2>&1; cat out; ! grep -q planted out)
