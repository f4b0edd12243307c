# A project has a folder `scenarios` of its own: that is no workbook.
mkdir -p project/scenarios/login project/src; echo 'Feature: login' > project/scenarios/login/a.feature
(cd project/src && "$@" -q -- true)
code=$?
find project -type f
[ $code = 0 ] && [ "$(find project -type f)" = project/scenarios/login/a.feature ]
