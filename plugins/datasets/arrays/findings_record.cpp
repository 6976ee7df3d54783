#include "arrays/findings_record.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "files/whole_file.hpp"
#include "shared/cache_files.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMagic = "varia checked 1\n";
constexpr std::size_t kDigest = 64;

std::string exact_text(double number) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.begin(), text.end(), number, std::chars_format::hex).ptr;
  return {text.begin(), end};
}

/// "1 -0x1p+0 0x1.8p+1": whether numbers are missing, and the bounds of the others, if there are
/// others; then the digest of all before it.
std::string text_of(const NumberFindings& findings) {
  std::string text(kMagic);
  text += findings.has_missing ? "1" : "0";
  if (findings.bounds) {
    for (const double bound : {findings.bounds->min, findings.bounds->max}) {
      text += ' ';
      text += exact_text(bound);
    }
  }
  text += "\n";
  Sha256 hash;
  hash.update(text);
  return text + hash.digest();
}

/// nullopt if the text is not one of text_of.
std::optional<NumberFindings> findings_in(const std::string& text) {
  if (!text.starts_with(kMagic) || text.size() < kMagic.size() + kDigest) return std::nullopt;
  const auto* at = text.data() + kMagic.size();
  const auto* const end = text.data() + text.size();
  NumberFindings findings{.has_missing = *at++ == '1', .bounds = {}};
  if (*at == ' ') {
    double least = 0, most = 0;
    at = std::from_chars(at + 1, end, least, std::chars_format::hex).ptr;
    if (at == end) return std::nullopt;
    std::from_chars(at + 1, end, most, std::chars_format::hex);
    findings.bounds = Range{least, most};
  }
  return text_of(findings) == text ? std::optional(findings) : std::nullopt;
}

std::optional<NumberFindings> read_findings(const fs::path& path) {
  constexpr std::uint64_t kMostBytes = 1024;
  try {
    auto findings = findings_in(files::read_whole_file(path.string(), kMostBytes));
    mark_used(path);
    return findings;
  } catch (const StoreError&) {
    return std::nullopt;
  }
}

}  // namespace

NumberFindings recorded_findings(const std::string& key,
                                 const std::function<NumberFindings()>& check) {
  fs::path path;
  try {
    path = data_folder() / "arrays" / (key + ".checked");
  } catch (const DataError&) {
    return check();
  }
  if (const auto findings = read_findings(path)) return *findings;
  auto findings = check();
  try {
    files::write_whole_file(path.string(), text_of(findings), files::Lasting::no);
    remove_unused_caches(path);
  } catch (const StoreError&) {
    // The next process makes the pass again.
  }
  return findings;
}

}  // namespace varia::datasets
