#pragma once

#include <algorithm>
#include <string>

namespace varia::files {

/// True for what may be the id of a run, and so the name of a file: 1 to 128 of [A-Za-z0-9._-], the
/// first no dot. Ids come from the targets of links, which anyone may have written.
inline bool is_run_id(const std::string& text) {
  return !text.empty() && text.size() <= 128 && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

}  // namespace varia::files
