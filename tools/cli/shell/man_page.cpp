#include "cli/shell/man_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "cli/shell/declared_option.hpp"
#include "training/environment.hpp"

namespace varia::cli {

namespace {

constexpr std::string_view kExitCodes = "Exit codes:";

/// Text in which roff obeys nothing.
std::string plain(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\')
      escaped += "\\e";
    else if (c == '-')
      escaped += "\\-";
    else if (c == '\n')
      escaped += ' ';
    else if (c == '\'')
      escaped += "\\(aq";
    else
      escaped += c;
  }
  return escaped.starts_with('.') ? "\\&" + escaped : escaped;
}

/// The shown name of what an option takes: "N", or the words that it allows, "a|b".
std::string value_text(const CLI::Option& option) {
  const auto words = allowed_words(option);
  return words.empty() ? value_type(option) : fmt::format("{}", fmt::join(words, "|"));
}

std::vector<const CLI::Option*> options_of(const CLI::App& command, bool positional) {
  return command.get_options([=](const CLI::Option* option) {
    return option->get_positional() == positional && !option->get_group().empty();
  });
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

/// "[EXPERIMENT.yaml] [KEY=VALUE ...]"
std::string positional_text(const CLI::Option& option) {
  const bool is_list = option.get_items_expected_max() > 1;
  const auto text = "\\fI" + plain(value_text(option)) + "\\fR" + (is_list ? " ..." : "");
  return option.get_required() ? text : "[" + text + "]";
}

std::string option_entry(const CLI::Option& option) {
  std::string names;
  if (option.get_positional()) {
    names = "\\fI" + plain(value_text(option)) + "\\fR";
  } else {
    for (const auto& name : option.get_snames())
      names += (names.empty() ? "" : ", ") + std::string("\\fB\\-") + plain(name) + "\\fR";
    for (const auto& name : option.get_lnames())
      names += (names.empty() ? "" : ", ") + std::string(R"(\fB\-\-)") + plain(name) + "\\fR";
    if (takes_value(option)) names += " \\fI" + plain(value_text(option)) + "\\fR";
  }
  auto text = plain(option.get_description());
  if (!text.empty() && !text.ends_with('.')) text += '.';
  if (const auto& value = option.get_default_str(); !value.empty())
    text += (text.empty() ? "" : "\n") + std::string("Default: ") + plain(value) + ".";
  return ".TP\n" + names + "\n" + (text.empty() ? "\\&" : text) + "\n";
}

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

std::string sentence(std::string text) {
  if (!text.empty() && !text.ends_with('.')) text += '.';
  return text;
}

}  // namespace

std::string man_page(const CLI::App& app, const CLI::App& command) {
  const bool is_program = &command == &app;
  const auto name = is_program ? "varia" : "varia-" + command.get_name();
  std::string page =
      fmt::format(".TH {} 1 \"\" \"varia {}\" \"Varia\"\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n",
                  upper(plain(name)), training::this_environment().versions.varia, plain(name),
                  plain(command.get_description()));
  page += "\\fBvaria\\fR";
  if (is_program) {
    page += " \\fICOMMAND\\fR [\\fIOPTION\\fR ...]\n";
  } else {
    page += fmt::format(R"( \fB{}\fR [\fIOPTION\fR ...])", plain(command.get_name()));
    for (const auto* option : options_of(command, true)) page += " " + positional_text(*option);
    page += "\n";
  }
  page += ".SH DESCRIPTION\n" + plain(sentence(command.get_description())) + "\n";
  if (is_program) {
    page += ".SH COMMANDS\n";
    for (const auto* one : commands_of(app))
      page += fmt::format(".TP\n\\fB{}\\fR\n{}\n", plain(one->get_name()),
                          plain(sentence(one->get_description())));
  }
  if (const auto arguments = options_of(command, true); !arguments.empty()) {
    page += ".SH ARGUMENTS\n";
    for (const auto* option : arguments) page += option_entry(*option);
  }
  page += ".SH OPTIONS\n";
  for (const auto* option : options_of(command, false)) page += option_entry(*option);
  const auto footer = command.get_footer();
  if (footer.starts_with(kExitCodes))
    page += ".SH EXIT STATUS\n" + plain(footer.substr(kExitCodes.size() + 1)) + "\n";
  page += ".SH SEE ALSO\n";
  std::string others = is_program ? "" : "\\fBvaria\\fR(1)";
  if (is_program)
    for (const auto* one : commands_of(app))
      others += fmt::format(R"({}\fBvaria\-{}\fR(1))", others.empty() ? "" : ",\n",
                            plain(one->get_name()));
  page += others + "\n";
  if (is_program) page += ".PP\nThe experiment file: /usr/share/doc/varia/experiments/README.md\n";
  return page;
}

}  // namespace varia::cli
