// Has the compiler compute, each time less than it would refuse.
template <int seed> constexpr long work() {
    long sum = seed;
    for (int i = 0; i < 1200; i++) {
        for (int j = 0; j < 1200; j++) {
            sum += i ^ j;
        }
    }
    return sum;
}
template <int n> struct All {
    static constexpr long value = work<n>() + All<n - 1>::value;
};
template <> struct All<0> { static constexpr long value = 0; };
int main() { return All<200>::value == 0; }
