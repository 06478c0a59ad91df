CREATE TABLE "attachments" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"ticket_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"mime" text NOT NULL,
	"size" integer NOT NULL,
	"state" text NOT NULL,
	CONSTRAINT "attachments_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "counters" (
	"workspace_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"next" bigint NOT NULL,
	CONSTRAINT "counters_workspace_id_kind_pk" PRIMARY KEY("workspace_id","kind")
);
--> statement-breakpoint
CREATE TABLE "files" (
	"workspace_id" uuid NOT NULL,
	"id" text NOT NULL,
	"name_sealed" "bytea" NOT NULL,
	"mime" text NOT NULL,
	"size" integer NOT NULL,
	"bytes_sealed" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "files_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"workspace_id" uuid NOT NULL,
	"platform" text NOT NULL,
	"external_id" text NOT NULL,
	"install" text NOT NULL,
	"person_id" uuid NOT NULL,
	"linked_from" uuid,
	CONSTRAINT "identities_workspace_id_platform_external_id_pk" PRIMARY KEY("workspace_id","platform","external_id")
);
--> statement-breakpoint
CREATE TABLE "installs" (
	"platform" text NOT NULL,
	"install" text NOT NULL,
	"workspace_id" uuid NOT NULL,
	"credentials_sealed" "bytea",
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "installs_platform_install_pk" PRIMARY KEY("platform","install")
);
--> statement-breakpoint
CREATE TABLE "journal" (
	"workspace_id" uuid NOT NULL,
	"ticket_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor_id" uuid,
	"cause_key" text NOT NULL,
	"type" text NOT NULL,
	"data" jsonb NOT NULL,
	"text_sealed" "bytea",
	CONSTRAINT "journal_workspace_id_ticket_id_version_pk" PRIMARY KEY("workspace_id","ticket_id","version")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"ticket_id" uuid NOT NULL,
	"thread_id" uuid,
	"platform" text NOT NULL,
	"channel" text,
	"external_id" text,
	"author_id" uuid NOT NULL,
	"by" text NOT NULL,
	"visibility" text NOT NULL,
	"text_sealed" "bytea",
	"at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	CONSTRAINT "messages_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "persons" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"key" text,
	"name" text,
	"mail" text,
	"locale" text,
	"zone" text,
	"vip" boolean NOT NULL,
	"grants" jsonb NOT NULL,
	"skills" jsonb NOT NULL,
	"merged_into" uuid,
	CONSTRAINT "persons_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"workspace_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"document" jsonb NOT NULL,
	"applied_at" timestamp (3) with time zone NOT NULL,
	"applied_by" text NOT NULL,
	CONSTRAINT "policies_workspace_id_version_pk" PRIMARY KEY("workspace_id","version")
);
--> statement-breakpoint
CREATE TABLE "room_posts" (
	"workspace_id" uuid NOT NULL,
	"id" text NOT NULL,
	"channel" text NOT NULL,
	"thread" text,
	"author" text NOT NULL,
	"visible_to" text,
	"body_sealed" "bytea" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"edited_at" timestamp (3) with time zone,
	"deleted_at" timestamp (3) with time zone,
	"revision" bigint NOT NULL,
	CONSTRAINT "room_posts_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"ticket_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"platform" text NOT NULL,
	"install" text NOT NULL,
	"channel" text NOT NULL,
	"direct" boolean NOT NULL,
	"root" text,
	"person" text,
	"owner_id" uuid,
	"main" boolean NOT NULL,
	"queue" text,
	CONSTRAINT "threads_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "tickets" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"number" integer NOT NULL,
	"prefix" text NOT NULL,
	"title_sealed" "bytea" NOT NULL,
	"status" text NOT NULL,
	"status_since" timestamp (3) with time zone NOT NULL,
	"priority" text NOT NULL,
	"rank" integer NOT NULL,
	"priority_reasons" jsonb NOT NULL,
	"category" text,
	"queue" text NOT NULL,
	"queue_reasons" jsonb NOT NULL,
	"requester_id" uuid NOT NULL,
	"assignee_id" uuid,
	"collaborator_ids" jsonb NOT NULL,
	"watcher_ids" jsonb NOT NULL,
	"links" jsonb NOT NULL,
	"merged_into" integer,
	"language" text NOT NULL,
	"fields" jsonb NOT NULL,
	"platform" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"first_response_due_at" timestamp (3) with time zone,
	"first_responded_at" timestamp (3) with time zone,
	"first_response_breached" boolean NOT NULL,
	"resolved_at" timestamp (3) with time zone,
	"resolution_sealed" "bytea",
	"closed_at" timestamp (3) with time zone,
	"last_requester_message_at" timestamp (3) with time zone,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"version" integer NOT NULL,
	"fresh_since" integer NOT NULL,
	CONSTRAINT "tickets_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"workspace_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "tokens_workspace_id_id_pk" PRIMARY KEY("workspace_id","id")
);
--> statement-breakpoint
CREATE TABLE "workspaces" (
	"id" uuid PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"clock_offset" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox" (
	"workspace_id" uuid NOT NULL,
	"key" text NOT NULL,
	"id" uuid NOT NULL,
	"received_at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"event_sealed" "bytea",
	"attempts" integer NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone NOT NULL,
	"last_code" text,
	CONSTRAINT "inbox_workspace_id_key_pk" PRIMARY KEY("workspace_id","key")
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"workspace_id" uuid NOT NULL,
	"lane" text NOT NULL,
	"due_at" timestamp (3) with time zone,
	"revision" bigint NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp (3) with time zone,
	CONSTRAINT "lanes_workspace_id_lane_pk" PRIMARY KEY("workspace_id","lane")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"workspace_id" uuid NOT NULL,
	"key" text NOT NULL,
	"id" uuid NOT NULL,
	"lane" text NOT NULL,
	"ticket_id" uuid,
	"intent" jsonb NOT NULL,
	"state" text NOT NULL,
	"revision" integer NOT NULL,
	"attempts" integer NOT NULL,
	"unsure" boolean NOT NULL,
	"run_at" timestamp (3) with time zone NOT NULL,
	"last_code" text,
	"receipts" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "outbox_workspace_id_key_pk" PRIMARY KEY("workspace_id","key")
);
--> statement-breakpoint
CREATE TABLE "timers" (
	"workspace_id" uuid NOT NULL,
	"key" text NOT NULL,
	"ticket_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "timers_workspace_id_key_pk" PRIMARY KEY("workspace_id","key")
);
--> statement-breakpoint
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_workspace_id_message_id_messages_workspace_id_id_fk" FOREIGN KEY ("workspace_id","message_id") REFERENCES "public"."messages"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_workspace_id_person_id_persons_workspace_id_id_fk" FOREIGN KEY ("workspace_id","person_id") REFERENCES "public"."persons"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "journal" ADD CONSTRAINT "journal_workspace_id_ticket_id_tickets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","ticket_id") REFERENCES "public"."tickets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_workspace_id_ticket_id_tickets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","ticket_id") REFERENCES "public"."tickets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "threads" ADD CONSTRAINT "threads_workspace_id_ticket_id_tickets_workspace_id_id_fk" FOREIGN KEY ("workspace_id","ticket_id") REFERENCES "public"."tickets"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_workspace_id_requester_id_persons_workspace_id_id_fk" FOREIGN KEY ("workspace_id","requester_id") REFERENCES "public"."persons"("workspace_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "attachments_message" ON "attachments" USING btree ("workspace_id","message_id");--> statement-breakpoint
CREATE INDEX "attachments_ticket" ON "attachments" USING btree ("workspace_id","ticket_id");--> statement-breakpoint
CREATE INDEX "identities_person" ON "identities" USING btree ("workspace_id","person_id");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_external" ON "messages" USING btree ("workspace_id","platform","channel","external_id");--> statement-breakpoint
CREATE INDEX "messages_ticket" ON "messages" USING btree ("workspace_id","ticket_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "persons_key" ON "persons" USING btree ("workspace_id","key");--> statement-breakpoint
CREATE INDEX "persons_mail" ON "persons" USING btree ("workspace_id","mail");--> statement-breakpoint
CREATE INDEX "persons_staff" ON "persons" USING btree ("workspace_id") WHERE grants <> '[]'::jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "room_revision" ON "room_posts" USING btree ("workspace_id","revision");--> statement-breakpoint
CREATE INDEX "room_channel" ON "room_posts" USING btree ("workspace_id","channel","thread","at");--> statement-breakpoint
CREATE UNIQUE INDEX "threads_root" ON "threads" USING btree ("workspace_id","platform","channel","root");--> statement-breakpoint
CREATE INDEX "threads_ticket" ON "threads" USING btree ("workspace_id","ticket_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tickets_number" ON "tickets" USING btree ("workspace_id","number");--> statement-breakpoint
CREATE INDEX "tickets_requester" ON "tickets" USING btree ("workspace_id","requester_id","number");--> statement-breakpoint
CREATE INDEX "tickets_living" ON "tickets" USING btree ("workspace_id","queue","rank","opened_at") WHERE status not in ('resolved', 'closed');--> statement-breakpoint
CREATE INDEX "tickets_assignee" ON "tickets" USING btree ("workspace_id","assignee_id","rank","opened_at") WHERE status not in ('resolved', 'closed');--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_hash" ON "tokens" USING btree ("workspace_id","hash");--> statement-breakpoint
CREATE INDEX "inbox_waiting" ON "inbox" USING btree ("lease_until","id") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "lanes_due" ON "lanes" USING btree ("due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "outbox_lane" ON "outbox" USING btree ("workspace_id","lane","id") WHERE state = 'ready';--> statement-breakpoint
CREATE INDEX "outbox_dead" ON "outbox" USING btree ("workspace_id","id") WHERE state = 'dead';--> statement-breakpoint
CREATE INDEX "outbox_ticket" ON "outbox" USING btree ("workspace_id","ticket_id");--> statement-breakpoint
CREATE INDEX "timers_due" ON "timers" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "timers_ticket" ON "timers" USING btree ("workspace_id","ticket_id");