// One request for more memory than there is: refused at once, and nothing of it used.
#include <cstdio>
#include <cstdlib>

int main() {
    volatile std::size_t much = std::size_t(1) << 60;
    char *p = new char[much];
    std::printf("%p\n", static_cast<void *>(p));
}
