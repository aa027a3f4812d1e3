// A bracket too few.
console.log((1);
