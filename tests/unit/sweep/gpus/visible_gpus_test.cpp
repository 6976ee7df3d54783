#include "sweep/gpus/visible_gpus.hpp"

#include <dlfcn.h>

#include "support/catch.hpp"

using namespace varia::sweep;

namespace {

const NvidiaDriver kDriver{"550.54.15",
                           {{"GPU-aaaa-1", "H200"}, {"GPU-bbbb-2", "H200"}, {"GPU-bbcc-3", "A2"}}};

std::vector<std::string> names(const char* visible) {
  std::vector<std::string> names;
  for (const auto& gpu : visible_gpus(kDriver, visible).gpus) names.push_back(gpu.name);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("without the variable all GPUs of the driver are visible") {
  const auto found = visible_gpus(kDriver, nullptr);
  REQUIRE(found.gpus.size() == 3);
  CHECK(found.gpus[2].name == "2");
  CHECK(found.gpus[2].identity == "GPU-bbcc-3");
  CHECK(found.gpus[2].description == "A2, driver 550.54.15");
  CHECK(found.why_none.empty());
}

TEST_CASE("the variable chooses GPUs by place, UUID or the beginning of one, and parts by name") {
  CHECK(names("2,0") == Names{"2", "0"});
  CHECK(names(" 1 , 2") == Names{"1", "2"});
  CHECK(names("GPU-bbbb-2,GPU-a") == Names{"GPU-bbbb-2", "GPU-a"});
  CHECK(names("MIG-1234") == Names{"MIG-1234"});
  CHECK(visible_gpus(kDriver, "GPU-a").gpus[0].identity == "GPU-aaaa-1");
  CHECK(visible_gpus(kDriver, "MIG-1234").gpus[0].identity == "MIG-1234");
}

TEST_CASE("what follows an entry that is no GPU is not visible, as in CUDA") {
  CHECK(names("0,-1,1") == Names{"0"});
  CHECK(names("0,3,1") == Names{"0"});
  CHECK(names("0,,1") == Names{"0"});
  CHECK(names("1,GPU-none,0") == Names{"1"});
  CHECK(names("").empty());
  CHECK(names("-1").empty());
}

TEST_CASE("where no GPU is visible, the reason is told") {
  CHECK(visible_gpus(std::nullopt, nullptr).why_none ==
        "NVIDIA's driver is not there, or does not answer");
  CHECK(visible_gpus(NvidiaDriver{"1", {}}, nullptr).why_none == "NVIDIA's driver has no GPU");
  const auto other = visible_gpus(kDriver, "7");
  CHECK(other.why_none == "CUDA_VISIBLE_DEVICES is '7', which names none of the 3 of the driver");
  CHECK_FALSE(other.are_hidden);
  for (const std::string hides : {"", "-1"})
    for (const auto& driver : {std::make_optional(kDriver), std::optional<NvidiaDriver>()}) {
      const auto hidden = visible_gpus(driver, hides.c_str());
      CHECK(hidden.why_none == "CUDA_VISIBLE_DEVICES is '" + hides + "', which hides every GPU");
      CHECK(hidden.are_hidden);
    }
}

TEST_CASE("the driver is asked through the library that comes with it") {
  // Once it is loaded, it is found by its name.
  void* const library = ::dlopen(VARIA_FAKE_NVML, RTLD_NOW);
  REQUIRE(library != nullptr);
  const auto driver = ask_nvidia_driver();
  ::dlclose(library);
  REQUIRE(driver);
  CHECK(driver->version == "550.54.15");
  REQUIRE(driver->gpus.size() == 2);
  CHECK(driver->gpus[1].uuid == "GPU-bbbb-2");
  CHECK(driver->gpus[1].model == "Fake H200");
}
