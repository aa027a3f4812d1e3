// A type that is not there.
int main() { nothing x; }
