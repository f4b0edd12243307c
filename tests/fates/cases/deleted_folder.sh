# The working directory is gone before the command starts.
mkdir gone; cd gone; rmdir ../gone
"$@" sh -c 'echo it runs; exit 3'
echo $?
