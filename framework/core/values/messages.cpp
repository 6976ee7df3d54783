#include "core/values/messages.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "varia/value.hpp"

namespace varia {
namespace {

constexpr std::size_t kLongestName = 200;
constexpr std::size_t kShortestPart = 3;
constexpr std::size_t kMostKnown = 60;  // beside a name that is near

/// Optimal string alignment: edits, and swaps of neighbours, that turn `a` into `b`.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr std::size_t kLongest = 80;
  std::size_t size = text.size();
  if (size > kLongest) {
    size = kLongest;
    // Do not cut a UTF-8 sequence.
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

std::string nearest_name(std::string_view name, const std::vector<std::string>& known) {
  if (name.size() > kLongestName) return {};
  std::size_t nearest = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestName) continue;
    const std::size_t edits = distance(name, candidate);
    if (edits >= std::max(name.size(), candidate.size())) continue;  // nothing in common
    if (edits > nearest || (edits == nearest && (found.empty() || candidate >= found))) continue;
    nearest = edits;
    found = candidate;
  }
  if (!found.empty() || name.size() < kShortestPart) return found;
  // A part of a name, "mlp" of "mlp_vae": the shortest name that has it.
  for (const std::string& candidate : known) {
    if (candidate.size() > kLongestName || candidate.find(name) == std::string::npos) continue;
    if (found.empty() || std::pair(candidate.size(), candidate) < std::pair(found.size(), found))
      found = candidate;
  }
  return found;
}

std::string suggestion(std::string_view name, std::vector<std::string> known) {
  std::ranges::sort(known);
  const std::string near = nearest_name(name, known);
  std::string text = near.empty() ? "" : "Did you mean '" + near + "'?";
  if (!near.empty() && known.size() > kMostKnown) return text;
  text += near.empty() ? "Known: " : " Known: ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + known[i];
  return text + (known.empty() ? "none." : ".");
}

}  // namespace varia
