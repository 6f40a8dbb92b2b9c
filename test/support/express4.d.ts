/** Express 4, installed beside 5, has the same types in all that tests use of it. */
declare module "express4" {
  import express from "express";

  export default express;
}
