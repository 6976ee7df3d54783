#include <cstdio>

/// NVIDIA's management library of a machine with two GPUs, as far as it is asked.

namespace {

constexpr int kSuccess = 0;
constexpr int kInvalidArgument = 2;
int devices[2];
bool is_started = false;

int write(char* text, unsigned int length, const char* content) {
  return std::snprintf(text, length, "%s", content) < static_cast<int>(length) ? kSuccess
                                                                               : kInvalidArgument;
}

}  // namespace

extern "C" {

int nvmlInit_v2() {
  is_started = true;
  return kSuccess;
}

int nvmlShutdown() {
  is_started = false;
  return kSuccess;
}

int nvmlSystemGetDriverVersion(char* text, unsigned int length) {
  return is_started ? write(text, length, "550.54.15") : kInvalidArgument;
}

int nvmlDeviceGetCount_v2(unsigned int* count) {
  *count = 2;
  return is_started ? kSuccess : kInvalidArgument;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void** device) {
  if (index > 1) return kInvalidArgument;
  *device = &devices[index];
  return kSuccess;
}

int nvmlDeviceGetUUID(void* device, char* text, unsigned int length) {
  return write(text, length, device == &devices[0] ? "GPU-aaaa-1" : "GPU-bbbb-2");
}

int nvmlDeviceGetName(void*, char* text, unsigned int length) {
  return write(text, length, "Fake H200");
}
}
