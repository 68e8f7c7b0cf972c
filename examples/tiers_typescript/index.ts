// The tiers in TypeScript. The package is made by `pulumi package add`, see the README.
import * as pulumi from "@pulumi/pulumi";
import * as aurora from "@pulumi/aurora-graphql";

const tags = { team: "shop" };
const key = new aurora.Encryption("shop-key", { alias: "shop", tags });
const network = new aurora.Network("shop-network", {
  keyArn: key.keyArn,
  settings: { zoneCount: 3 },
  tags,
});
const data = new aurora.DataTier("shop-data", {
  identifier: "shop",
  network: network.access,
  keyArn: key.keyArn,
  database: { readers: 1, minCapacityAcu: 1 },
  cache: { mode: "none" },
  tags,
});
const api = new aurora.ApiTier("shop-api", {
  archive: "dist",
  stage: pulumi.getStack(),
  keyArn: key.keyArn,
  network: network.access,
  database: data.access,
  api: { authIssuers: ["https://login.shop.example/"], authAudience: "shop" },
  tags,
});
new aurora.Monitoring("shop-monitoring", {
  settings: { alarmEmails: ["ops@shop.example"] },
  keyArn: key.keyArn,
  namespace: "shop",
  api: api.watched,
  data: data.watched,
  tags,
});

export const url = api.url;
