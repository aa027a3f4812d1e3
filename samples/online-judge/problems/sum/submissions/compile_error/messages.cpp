// Messages without end.
template <int N> struct T { typename T<N - 1>::nothing a; int x = "no"; undefined y; };
template <> struct T<0> {};
int main() {
    T<800> t0; undefined_0 = 0;
    T<801> t1; undefined_1 = 1;
    T<802> t2; undefined_2 = 2;
    T<803> t3; undefined_3 = 3;
    T<804> t4; undefined_4 = 4;
    T<805> t5; undefined_5 = 5;
    T<806> t6; undefined_6 = 6;
    T<807> t7; undefined_7 = 7;
    T<808> t8; undefined_8 = 8;
    T<809> t9; undefined_9 = 9;
    T<810> t10; undefined_10 = 10;
    T<811> t11; undefined_11 = 11;
}
