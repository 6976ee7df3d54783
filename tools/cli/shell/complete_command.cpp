#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands.hpp"
#include "cli/shell/completion.hpp"
#include "cli/terminal/text.hpp"

namespace varia::cli {

void add_complete(CLI::App& app, Action& action) {
  const auto words = std::make_shared<std::vector<std::string>>();
  auto* command = app.add_subcommand(
      "complete",
      "Print what may stand at the end of a command line, for the completion of shells: a line "
      "each, with a tab and what it is");
  command->group("");  // for shells, not for people
  command->add_option("words", *words, "The words behind varia, the last in part or empty")
      ->type_name("-- WORD");
  command->callback([words, &app, &action] {
    action = [words, &app] {
      for (const auto& [text, doc] : completions(app, *words))
        fmt::print("{}\t{}\n", printable(text), printable(doc));
      return static_cast<int>(kAllDone);
    };
  });
}

}  // namespace varia::cli
