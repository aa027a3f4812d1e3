// Takes 1 GiB beside the heap that the runtime bounds.
const all = [];
for (let i = 0; i < 1024; i++) {
  all.push(Buffer.alloc(1 << 20, i & 255));
}
console.log(all.length);
