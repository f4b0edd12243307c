# Gives the whole text to a new process for each question.
text=$(head -c 3000000 /dev/zero | tr '\0' 't')
question=0
while [ $question -lt 60 ]; do
    wc -c > /dev/null << END
$text $question
END
    question=$((question + 1))
    sleep 0.04
done
