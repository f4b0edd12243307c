# Gives the whole text to a new process for each question.
text=$(head -c 3000000 /dev/zero | tr '\0' 't')
question=0
while [ $question -lt 40 ]; do
    printf '%s %d' "$text" $question | wc -c > /dev/null
    question=$((question + 1))
done
