#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace varia::report {

/// Text that stays text between tags and in quoted attributes: & < > " ' become references.
std::string escape_html(std::string_view text);

/// JSON for the inside of a <script> element: `<` is written \u003c, so that no text can end the
/// element or open a comment. Text that is not UTF-8 gets replacement characters; numbers that are
/// not finite become null.
std::string script_json(const nlohmann::json& document);

/// Bytes as base64 (RFC 4648), with padding and without line breaks.
std::string base64(std::string_view bytes);

/// What a report holds besides its JSON: texts that the page decodes when it needs them, each in a
/// <script> element of its own, of a type that no browser runs.
class Blocks {
 public:
  /// Numbers in single precision: the page's curves. About 7 digits.
  /// @returns {"block": 3, "type": "f32", "count": 50000}: base64 of zlib's deflate of the numbers,
  ///          little-endian, with all first bytes before all second ones and so on, which deflates
  ///          better
  nlohmann::json add_single(const std::vector<double>& numbers);
  /// The same in double precision ("f64"): values that are read as numbers.
  nlohmann::json add_double(const std::vector<double>& numbers);
  nlohmann::json add_bytes(const std::vector<std::uint8_t>& bytes);

  /// A text as it is; lines of base64. @returns its number
  std::size_t add_text(std::string text);

  const std::vector<std::string>& texts() const { return texts_; }

 private:
  nlohmann::json add(const std::string& bytes, std::size_t width, const char* type);
  std::vector<std::string> texts_;
};

}  // namespace varia::report
