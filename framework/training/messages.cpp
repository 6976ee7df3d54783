#include "training/messages.hpp"

#include <c10/util/Exception.h>
#include <utf8proc.h>

namespace varia::training {

std::string one_line(const std::string& text) {
  std::string line;
  for (std::size_t i = 0; i < text.size();) {
    utf8proc_int32_t character = -1;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(&text[i]),
                                       static_cast<utf8proc_ssize_t>(text.size() - i), &character);
    if (size < 1)
      line += "\xEF\xBF\xBD";
    else if (character < 0x20 || character == 0x7F)
      line += ' ';
    else
      line.append(text, i, static_cast<std::size_t>(size));
    i += size < 1 ? 1 : static_cast<std::size_t>(size);
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string one_line(const std::exception& error) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  return one_line(
      std::string(torch_error != nullptr ? torch_error->what_without_backtrace() : error.what()));
}

}  // namespace varia::training
