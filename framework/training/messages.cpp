#include "training/messages.hpp"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <new>

namespace varia::training {

namespace {

/// Bytes of the UTF-8 character that begins at a place; 0 if none does.
std::size_t character_at(const std::string& text, std::size_t place) {
  const auto byte = [&](std::size_t i) {
    return place + i < text.size() ? static_cast<unsigned char>(text[place + i]) : 0U;
  };
  const unsigned first = byte(0);
  if (first < 0x80U) return 1;
  const std::size_t size = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0U) != 0x80U) return 0;
  // Too long, a half of a pair, beyond the last character (RFC 3629).
  const unsigned second = byte(1);
  const bool is_bad = (first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU) ||
                      (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU);
  return is_bad ? 0 : size;
}

}  // namespace

std::string one_line(const std::string& text) {
  std::string line;
  for (std::size_t i = 0; i < text.size();) {
    const auto size = character_at(text, i);
    const auto byte = static_cast<unsigned char>(text[i]);
    if (size == 0)
      line += "\xEF\xBF\xBD";
    else if (byte < 0x20 || byte == 0x7F)
      line += ' ';
    else
      line.append(text, i, size);
    i += std::max<std::size_t>(1, size);
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

}  // namespace varia::training
