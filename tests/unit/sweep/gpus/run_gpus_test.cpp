#include "sweep/gpus/run_gpus.hpp"

#include <cstdlib>

#include "experiment/sections.hpp"
#include "support/catch.hpp"
#include "sweep/workers/child_process.hpp"
#include "unit/sweep/support.hpp"

using namespace varia;
using namespace varia::sweep;
using namespace varia::sweep::testing;
using Catch::Matchers::ContainsSubstring;

namespace {

const VisibleGpus kTwo{{{"0", "GPU-a", "H200, driver 1"}, {"1", "GPU-b", "H200, driver 1"}}, ""};
const VisibleGpus kNone{{}, "NVIDIA's driver is not there, or does not answer"};
const VisibleGpus kHidden{{}, "CUDA_VISIBLE_DEVICES is '', which hides every GPU", true};

RunGpus gpus(const std::string& device, const std::string& run, const VisibleGpus& visible,
             bool has_cuda = true) {
  const auto text = "train: {epochs: 2, device: " + device + "}\nrun: " + run + "\n";
  const auto plan = plan_of(text);
  experiment::RunParams params;
  const auto experiment = experiment::testing::experiment_of(kBase + "run: " + run + "\n");
  experiment::load_section(experiment.tree, "run", params);
  return gpus_of(plan, {0}, params, visible, has_cuda);
}

std::string refusal(const std::string& device, const std::string& run, const VisibleGpus& visible,
                    bool has_cuda = true) {
  return message_of([&] { gpus(device, run, visible, has_cuda); });
}

std::vector<std::string> names(const RunGpus& found) {
  std::vector<std::string> names;
  for (const auto& gpu : found.gpus) names.push_back(gpu.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a run takes the GPUs that it is given") {
  for (const auto* device : {"auto", "cuda"}) {
    CHECK(names(gpus(device, "{}", kTwo)) == Names{"0", "1"});
    CHECK(names(gpus(device, "{gpus: [1]}", kTwo)) == Names{"1"});
    CHECK(names(gpus(device, "{gpus: [1, 0]}", kTwo)) == Names{"1", "0"});
  }
  CHECK(names(gpus("auto", "{gpus: none}", kTwo)).empty());
  CHECK(gpus("auto", "{gpus: none}", kTwo).are_asked);
}

TEST_CASE("a process that sees some GPUs alone counts them as the driver does") {
  // In a process of its own, since other tests look at the variables, too.
  ChildProcess child(
      [] {
        ::setenv("CUDA_DEVICE_ORDER", "FASTEST_FIRST", 1);
        see_only({kTwo.gpus[1], kTwo.gpus[0]});
        const auto is = [](const char* name, const std::string& value) {
          const auto* const found = std::getenv(name);
          return found != nullptr && found == value;
        };
        return is(kVisibleGpus, "1,0") && is("CUDA_DEVICE_ORDER", "PCI_BUS_ID") ? 0 : 2;
      },
      -1);
  CHECK(child.wait().text() == "ended with exit code 0");
}

TEST_CASE("trials of the CPU take no GPU, and nothing is said") {
  const auto found = gpus("cpu", "{gpus: [0]}", kTwo);
  CHECK_FALSE(found.are_asked);
  CHECK(found.gpus.empty());
  CHECK(found.note.empty());
}

TEST_CASE("the reason is told for training on the CPU, if one may expect a GPU") {
  CHECK(gpus("auto", "{}", kNone).note ==
        "trains on the CPU: NVIDIA's driver is not there, or does not answer");
  CHECK(gpus("auto", "{}", kTwo, false).note ==
        "trains on the CPU: this LibTorch has no CUDA; build with one that has (VARIA_TORCH) to "
        "train on the GPU");
  CHECK(gpus("auto", "{}", kNone, false).note.empty());
  CHECK(gpus("auto", "{gpus: none}", kNone).note.empty());
  CHECK(gpus("auto", "{}", kHidden).note.empty());
}

TEST_CASE("a GPU that is asked for and not there is an error before anything is trained") {
  CHECK(refusal("cuda", "{}", kNone) ==
        "e.yaml:4:28: train: device: cuda is asked for, but NVIDIA's driver is not there, or does "
        "not answer; use 'auto' or 'cpu'");
  CHECK(refusal("cuda", "{}", kHidden).find("which hides every GPU") != std::string::npos);
  CHECK(refusal("cuda", "{}", kTwo, false).find("this LibTorch has no CUDA") != std::string::npos);
  CHECK(refusal("cuda", "{gpus: none}", kTwo).find("but run.gpus is none") != std::string::npos);
  CHECK(refusal("auto", "{gpus: [2]}", kTwo) ==
        "e.yaml:5:13: run: gpus: there is no GPU 2: those that are visible are 0 to 1");
  CHECK(refusal("auto", "{gpus: [0]}", kNone).find("not there, or does not answer") !=
        std::string::npos);
  CHECK(refusal("auto", "{gpus: [0]}", kTwo, false).find("has no CUDA") != std::string::npos);
}

TEST_CASE("run.gpus takes auto, none, or a list of places") {
  const std::string expected =
      "run: gpus: expected auto, none, or a list of GPUs, each once, such as [0, 2], found ";
  for (const auto& [text, found] :
       std::vector<std::pair<std::string, std::string>>{{"all", "'all'"},
                                                        {"0", "0"},
                                                        {"[]", "an empty list"},
                                                        {"[0, 0]", "0"},
                                                        {"[-1]", "-1"},
                                                        {"[a]", "'a'"},
                                                        {"[1025]", "1025"},
                                                        {"{}", "an empty map"}})
    CHECK_THAT(refusal("auto", "{gpus: " + text + "}", kTwo), ContainsSubstring(expected + found));
}
