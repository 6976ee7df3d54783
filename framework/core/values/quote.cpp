#include "core/values/quote.hpp"

namespace varia {

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::size_t size = text.size();
  if (size > kLongest) {
    size = kLongest;
    // Not inside of a UTF-8 sequence.
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  }
  std::string shown = "'";
  for (const char c : text.substr(0, size)) {
    const auto byte = static_cast<unsigned char>(c);
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  if (size < text.size()) shown += "...";
  return shown + "'";
}

}  // namespace varia
