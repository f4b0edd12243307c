# A command is who its user is: a program that refuses to be root, or gives what it makes to its user, can tell.
"$@" sh -c 'id -u; id -g; touch made; stat -c "%u %g" made .'
echo $?
