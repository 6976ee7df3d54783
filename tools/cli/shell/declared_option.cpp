#include "cli/shell/declared_option.hpp"

#include <sstream>

namespace varia::cli {

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::string value_type(const CLI::Option& option) {
  const auto type = option.get_type_name();
  return type.substr(0, type.find(':'));
}

std::vector<std::string> allowed_words(const CLI::Option& option) {
  const auto type = option.get_type_name();  // "TEXT:{failed,stale}"
  const auto begin = type.find('{');
  const auto end = type.find('}', begin);
  std::vector<std::string> found;
  if (begin == std::string::npos || end == std::string::npos) return found;
  std::istringstream words(type.substr(begin + 1, end - begin - 1));
  for (std::string word; std::getline(words, word, ',');) found.push_back(word);
  return found;
}

}  // namespace varia::cli
