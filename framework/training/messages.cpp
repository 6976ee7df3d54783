#include "training/messages.hpp"

#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <utf8proc.h>

#include <cmath>
#include <new>

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

std::string scalar_text(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{}", value);
}

std::string one_line(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr) return "memory has run out";
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  auto text = one_line(
      std::string(torch_error != nullptr ? torch_error->what_without_backtrace() : error.what()));
  // LibTorch's allocator says where in its source it has failed, and then this.
  const std::string refused = "can't allocate memory: you tried to allocate ";
  const auto place = text.find(refused);
  if (place == std::string::npos) return text;
  const auto begin = place + refused.size();
  return "memory has run out: " + text.substr(begin, text.find(' ', begin) - begin) +
         " bytes cannot be had";
}

std::string one_line(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return one_line(error);
  } catch (...) {
    return kNoException;
  }
}

}  // namespace varia::training
