// Templates, twice as many in each step.
template <int N, int M> struct T {
    static const long value = T<N - 1, 2 * M>::value + T<N - 1, 2 * M + 1>::value;
};
template <int M> struct T<0, M> { static const long value = M; };
int main() { return T<26, 1>::value; }
