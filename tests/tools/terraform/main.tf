# What terraform.test.mjs applies, changes and destroys. It was written where the provider cannot be had, and has not been run:
# terraform_calls.test.mjs replays what the provider sends for the same resources.

terraform {
  required_providers {
    auth0 = { source = "auth0/auth0" }
  }
}

# Terraform's domain, credentials and authority come from the environment.
provider "auth0" {}

variable "changed" {
  type    = bool
  default = false
}

variable "public_key" {
  type = string
}

locals {
  suffix = var.changed ? " changed" : ""
}
