#pragma once

#include <cstddef>

namespace varia::cli {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

/// The size of the terminal behind a descriptor; the usual one where there is none, or where it
/// does not tell.
TerminalSize terminal_size(int descriptor);

}  // namespace varia::cli
