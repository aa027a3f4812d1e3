set -e
total=0
for first in 1 2 3 4; do
  (
    sum=0
    n=$first
    while [ "$n" -le 1000 ]; do
      sum=$((sum + n))
      n=$((n + 4))
    done
    echo "$sum" > "/work/part$first"
  ) &
done
wait
for first in 1 2 3 4; do
  read -r part < "/work/part$first"
  total=$((total + part))
done
echo "sum $total"
printf '5\n3\n8\n1\n2\n' > /work/numbers
cp -p /work/numbers /work/copy
sed -i 's/9/0/' /work/copy
mkfifo /work/fifo
sort -n /work/copy > /work/fifo &
sorted=$(tr '\n' ' ' < /work/fifo)
echo "sorted ${sorted% }"
echo "child $(echo hello | cat)"
mkdir -p /work/a/b && mv /work/copy /work/a/b && tar -cf /work/a.tar -C /work a && rm -r /work/a
tar -xf /work/a.tar -C /work && test -f /work/a/b/copy
