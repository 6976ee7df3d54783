#include "results/trial/summary_text.hpp"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

#include "results/file_frame.hpp"
#include "results/names.hpp"
#include "varia/error.hpp"

namespace varia::results {

namespace {

std::string escaped(const std::string& value) {
  std::string line;
  line.reserve(value.size());
  for (const char c : value) {
    if (c == '\n') {
      line += "\\n";
    } else if (c == '\\') {
      line += "\\\\";
    } else {
      line += c;
    }
  }
  return line;
}

template <class Number>
std::string escaped(Number value) {
  std::array<char, 40> digits{};
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  return {digits.data(), end};
}

bool unescape(std::string_view line, std::string& value) {
  value.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\') {
      value += line[i];
      continue;
    }
    if (++i == line.size() || (line[i] != 'n' && line[i] != '\\')) return false;
    value += line[i] == 'n' ? '\n' : '\\';
  }
  return true;
}

template <class Number>
bool unescape(std::string_view line, Number& value) {
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  return error == std::errc() && end == line.data() + line.size();
}

/// Takes the line `<name>=<value>` from the front of `text`. @returns nullopt if it is another one
std::optional<std::string_view> take_line(std::string_view& text, std::string_view name) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || end <= name.size() || !text.starts_with(name) ||
      text[name.size()] != '=') {
    return std::nullopt;
  }
  const std::string_view value = text.substr(name.size() + 1, end - name.size() - 1);
  text.remove_prefix(end + 1);
  return value;
}

std::optional<TrialInfo> info_of(std::string_view text) {
  TrialInfo info;
  bool good = true;
  for_each_trial_field([&]<class T>(const TrialField<T>& field) {
    if (!good) return;
    const auto line = take_line(text, field.name);
    if (!line && field.is_optional) return;
    StoredField<T> stored{};
    good = line && unescape(*line, stored) && load_field(std::move(stored), info.*field.member);
  });
  // Of another file's text, HDF5's attributes say what is wrong with it.
  if (!good || !text.empty() || info.epochs_done < 0) return std::nullopt;
  try {
    check_name("trial", info.id);
  } catch (const TrialError&) {
    return std::nullopt;
  }
  return info;
}

}  // namespace

std::string summary_text(const TrialInfo& info) {
  std::string text;
  for_each_trial_field([&](const auto& field) {
    text += std::string(field.name) + "=" + escaped(stored_field(info.*field.member)) + "\n";
  });
  return text.size() > kLongestHeadText ? "" : text;
}

std::optional<TrialInfo> read_summary_text(const std::string& path) {
  const auto text = read_head(path, kTrialFormat);
  return text ? info_of(*text) : std::nullopt;
}

}  // namespace varia::results
