// Macros that make 4 to the power of 16 words of one.
#define A x x x x
#define B A A A A
#define C B B B B
#define D C C C C
#define E D D D D
#define F E E E E
#define G F F F F
#define H G G G G
#define I H H H H
#define J I I I I
#define K J J J J
#define L K K K K
#define M L L L L
#define N M M M M
#define O N N N N
#define P O O O O
int x = P;
int main(void) { return 0; }
