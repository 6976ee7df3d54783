#include "runner/messages.hpp"

#include <c10/util/Exception.h>

#include <algorithm>

namespace varia::runner {

std::string one_line(const std::exception& error) {
  std::string text = error.what();
  if (const auto* torch_error = dynamic_cast<const c10::Error*>(&error))
    text = torch_error->what_without_backtrace();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string swept_text(const experiment::Trial& trial) {
  std::string text;
  for (const auto& setting : trial.parameters())
    if (setting.swept) text += (text.empty() ? "" : " ") + setting.key + "=" + setting.value.text();
  return text;
}

std::string label_of(const experiment::Trial& trial) {
  const auto settings = swept_text(trial);
  auto label = settings.empty() ? trial.id : settings;
  if (trial.replicate > 0) label += " replicate " + std::to_string(trial.replicate);
  return label;
}

}  // namespace varia::runner
