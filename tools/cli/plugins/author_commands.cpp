#include "cli/plugins/author_commands.hpp"

namespace varia::cli {

void AuthorCommands::add_to(CLI::App& app, std::function<int()>& action) {
  auto* command = app.add_subcommand(
      "new", "Write a small plugin that works, with its build file, test and experiment");
  command->add_option("kind", create.kind, "model, loss, schedule, metric, view, density, ...")
      ->required()
      ->type_name("KIND");
  command
      ->add_option("name", create.name,
                   "Of the component and its files: lower-case letters, digits and _")
      ->required()
      ->type_name("NAME");
  command->add_option("folder", create.folder, "Where it is written (default: NAME)")
      ->type_name("DIR");
  command->callback([this, &action] { action = [this] { return create_plugin(create); }; });

  command = app.add_subcommand("test-plugin",
                               "Check a plugin against what every component of its kinds keeps to");
  command->add_option("file", test.file, "The library that CMake built")
      ->required()
      ->type_name("FILE.so");
  command
      ->add_option("--parameters", test.parameters,
                   "What a component needs to be made (repeatable): 'my_ramp={epochs: 2}'")
      ->type_name("NAME={...}")
      ->allow_extra_args(false);
  command->footer("Exit codes: 0 it keeps to all of it, 1 it does not, 2 it cannot be opened.");
  command->callback([this, &action] { action = [this] { return test_plugin(test); }; });
}

}  // namespace varia::cli
