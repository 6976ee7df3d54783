#include "cli/terminal/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "support/catch.hpp"

using varia::cli::terminal_size;

TEST_CASE("a terminal tells its size, and what is none has the usual one") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  REQUIRE(terminal >= 0);
  winsize size{};
  REQUIRE(::ioctl(terminal, TIOCSWINSZ, &size) == 0);
  CHECK(terminal_size(terminal).columns == 80);  // it does not tell
  CHECK(terminal_size(terminal).rows == 24);
  size.ws_col = 132;
  size.ws_row = 43;
  REQUIRE(::ioctl(terminal, TIOCSWINSZ, &size) == 0);
  CHECK(terminal_size(terminal).columns == 132);
  CHECK(terminal_size(terminal).rows == 43);
  ::close(terminal);
  const int file = ::open("/dev/null", O_RDONLY);
  CHECK(terminal_size(file).columns == 80);
  ::close(file);
}
